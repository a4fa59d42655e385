"""What `notifications` promises."""
