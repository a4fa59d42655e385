"""Messages between a person and a helpline: texts both ways, and the voicemails of callers.

A stop takes effect in the transaction that stores it. For webhooks, the relay, calls, intake,
read models and pages.
"""
