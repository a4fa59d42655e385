"""Disclosures: to what a person agreed that others may be told of them.

For a person's record, for calls that others are asked into, and for exports.
"""
