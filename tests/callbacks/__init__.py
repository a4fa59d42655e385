"""What `leads.callbacks` promises."""
