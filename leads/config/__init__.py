"""What the environment says, checked once at the start, and how logs are written.

For the edges, which hand the domain what it has to know.
"""
