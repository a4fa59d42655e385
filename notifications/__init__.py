"""Notifications: everything that leaves the building, and what comes back about it."""
