"""What has to leave the building: written with the change that caused it, taken, sent at most once, settled."""
