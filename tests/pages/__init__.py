"""What `leads.pages` promises."""
