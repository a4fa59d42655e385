"""What `leads.contact_rules` promises."""
