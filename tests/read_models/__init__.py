"""What `leads.read_models` promises."""
