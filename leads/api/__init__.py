"""The read API: what a program with a token may read, described by the document it is served with.

Every read is on record before it is answered. For `app.py`, the set-up page and the command line.
"""
