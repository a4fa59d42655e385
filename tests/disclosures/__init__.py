"""What `leads.disclosures` promises."""
