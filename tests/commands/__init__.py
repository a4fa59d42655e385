"""What `leads.commands` promises."""
