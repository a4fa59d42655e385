"""What `leads.calls` promises."""
