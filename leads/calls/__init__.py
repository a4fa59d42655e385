"""One try to connect an advisor with a lead: its legs, its progress, and what came of it.

For the relay, the phone network's webhooks and the desk.
"""
