"""What `leads.intake` promises."""
