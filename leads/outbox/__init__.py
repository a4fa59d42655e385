"""The outbox: what has to leave the building.

An order is written with the change that caused it, taken, sent at most once, and settled; `orders`
is what every kind has in common. For whoever orders, and for the senders in `notifications`.
"""
