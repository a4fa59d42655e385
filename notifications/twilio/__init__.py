"""Twilio and nothing else: its client, its markup, its webhooks.

Nobody else knows its vocabulary.
"""
