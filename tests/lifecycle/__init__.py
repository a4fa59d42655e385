"""What `leads.lifecycle` promises."""
