"""What `leads.messaging` promises."""
