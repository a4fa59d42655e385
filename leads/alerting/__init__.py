"""When a promise is in danger: the conditions, who is told, and how it climbs until somebody looks."""
