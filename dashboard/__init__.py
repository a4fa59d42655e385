"""What advisors and supervisors see. Pages read through one query and act through one verb."""
