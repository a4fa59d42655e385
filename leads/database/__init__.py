"""One engine, two kinds of transaction, wake-ups after a commit, and migrations.

Only this package commits. Anybody may use it, and only edges open transactions.
"""
