"""Texts between a person and a helpline.

A stop takes effect in the transaction that stores it. For webhooks, calls and intake.
"""
