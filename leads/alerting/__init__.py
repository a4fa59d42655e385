"""Alerts: what endangers a promise, who is told, and how an alert climbs until somebody looks.

For the worker, read models and pages of supervisors.
"""
