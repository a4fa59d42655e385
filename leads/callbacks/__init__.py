"""The queue: who is called next, by whom, again when, and how a promise ends.

Knows nothing of telephony. For all that begins, holds, moves or ends a promise: calls, intake,
lead records, the desk.
"""
