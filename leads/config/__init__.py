"""What the environment says, checked once at the start, and how logs are written.

Edges read the configuration and hand the domain what it has to know.
"""
