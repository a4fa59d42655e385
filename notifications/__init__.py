"""Notifications: everything that leaves the building, and what comes back about it.

The one worker of a process, the phone network, e-mail and chat. For `app.py`, which starts it.
"""
