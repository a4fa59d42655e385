"""What has to leave the building.

Written with the change that caused it, taken, sent at most once, settled.
"""
