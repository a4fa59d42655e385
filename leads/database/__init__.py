"""One engine, two kinds of transaction, wake-ups after a commit, and migrations.

Only edges open transactions, only this package commits, and everything may use it.
"""
