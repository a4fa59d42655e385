"""What `leads.i18n` promises."""
