"""The queue: who is called next, by whom, again when, and how a promise ends.

It knows nothing of telephony. For all that begins, holds, moves or ends a promise: calls, texts,
intake, records of people, and pages.
"""
