"""What the environment says, checked once at the start, and how logs are written.

Edges read it; the domain is told.
"""
