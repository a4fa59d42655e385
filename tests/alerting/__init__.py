"""What `leads.alerting` promises."""
