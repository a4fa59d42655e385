"""CSV import from another system: closed requests become history, open ones become callbacks.

Importing a file twice adds nothing. For the command `import` and the set-up page.
"""
