"""Incidents: somebody in danger, what is said and done, in which order, and what came of it.

For the callbacks that words of danger raise, for calls, and for pages; the protocol's sentences are
data (`protocol.toml`).
"""
