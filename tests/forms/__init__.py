"""What `leads.forms` promises."""
