"""What `leads.reporting` promises."""
