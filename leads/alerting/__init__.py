"""Alerts: what endangers a promise, who is told, and how an alert climbs until somebody looks.

For the worker, read models, commands and pages of supervisors.
"""
