"""Twilio and nothing else: its client, its markup, its webhooks.

No other package knows its vocabulary. For `app.py` and the senders beside it.
"""
