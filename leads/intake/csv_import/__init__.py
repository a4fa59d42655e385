"""CSV import from another system: closed requests become history, open ones become callbacks.

Importing a file twice adds nothing.
"""
