"""Intake, from a form post or an entry by hand to a callback: receive, read, admit, review.

A submission that was received is never lost. For webhooks, the worker, commands and the pages on
which forms are set up, entered and decided.
"""
