"""Honest figures: everybody still waiting is counted, and each figure opens the rows behind it.

Only reads, apart from its snapshots of past days.
"""
