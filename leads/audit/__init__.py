"""Audit: whether the audit log is whole, what is in it, and the end of what is too old.

For the page `audit_log`, the commands and the background work.
"""
