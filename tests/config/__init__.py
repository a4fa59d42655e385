"""What `leads.config` promises."""
