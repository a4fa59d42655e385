"""What `leads.lead_records` promises."""
