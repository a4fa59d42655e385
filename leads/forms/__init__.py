"""Forms: what form tools send, decoded once, checked for who sent it, and read.

Pure; it knows no database. For intake, and for the set-up page and the command that show what would
be read.
"""
