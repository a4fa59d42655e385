"""Forms: what form tools send, decoded once, checked for who sent it, and read.

Pure; knows no database.
"""
