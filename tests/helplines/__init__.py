"""What `leads.helplines` promises."""
