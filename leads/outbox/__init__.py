"""What has to leave the building.

Written with the change that caused it, taken, sent at most once, settled. `orders` is what every
kind of order has in common; beside it what is particular to calls and to notices.
"""
