"""What `leads.models` promises."""
