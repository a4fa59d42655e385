"""Incidents: somebody in danger, what is said and done, in which order, and what came of it.

The protocol's sentences are data (`protocol.toml`). For the callbacks that words of danger raise,
for intake and calls, and for pages.
"""
