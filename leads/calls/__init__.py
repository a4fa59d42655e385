"""Calls: one try to connect an advisor with a lead, and calls that come in.

What each leg, conference and key means is applied once, in any order, and what a call came to moves
its callback. For the relay, the phone network's webhooks, read models and the desk.
"""
