"""Backups: the whole desk in one sealed file, taken while it runs, and put back only whole.

For the command line.
"""
