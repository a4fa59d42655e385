"""What pages and monitoring show, each read by one function into frozen dataclasses.

Writes nothing.
"""
