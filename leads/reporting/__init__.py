"""Honest figures: everybody still waiting is counted, and each opens the rows behind it.

Only reads, apart from its snapshots of past days. For pages, commands, the wallboard and the
digest.
"""
