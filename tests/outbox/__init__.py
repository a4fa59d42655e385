"""What `leads.outbox` promises."""
