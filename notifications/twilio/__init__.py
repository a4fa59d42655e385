"""Twilio and nothing else: its client, its markup, and its webhooks of calls, callers and texts.

No other package speaks to it or imports its library; settings, sentences that people read and
`LegStatus` borrow its words. For `app.py` and the senders beside it.
"""
