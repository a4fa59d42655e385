"""What `leads.database` promises."""
