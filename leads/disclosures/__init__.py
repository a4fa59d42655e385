"""Disclosures: to what a person agreed that others may be told of them, and who was told what.

For a person's record, for calls that others are asked into, and for exports.
"""
