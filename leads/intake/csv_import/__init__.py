"""People from another system's file: closed requests become history, open ones become callbacks.

Importing twice adds nothing.
"""
