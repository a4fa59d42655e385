"""Forms: what form tools send, decoded once, checked for who sent it, and read.

Pure; knows no database. For intake, and for the set-up page that shows what would be read.
"""
