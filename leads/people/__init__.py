"""The people who work here: accounts, sign-in, presence, shifts, skills, and what roles may do.

For every verb that a person may be refused, and for the dashboard.
"""
