"""What `dashboard` promises."""
