"""When a promise is in danger.

The conditions, who is told, and how it climbs until somebody looks.
"""
