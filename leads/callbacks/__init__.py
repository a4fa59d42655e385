"""The queue: who is called next, by whom, again when, and how a promise ends.

Knows nothing of telephony.
"""
