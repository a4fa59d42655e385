"""What `leads.privacy` promises."""
