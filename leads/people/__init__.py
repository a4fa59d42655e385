"""The people who work here: accounts, sign-in, sessions, presence, and what each role may do.

For every verb that a person may be refused, and for the dashboard.
"""
