"""Intake, from a form post to a callback: receive, read, admit, review.

A submission that was received is never lost. For webhooks, the worker and the review page.
"""
