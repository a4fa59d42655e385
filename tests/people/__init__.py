"""What `leads.people` promises."""
