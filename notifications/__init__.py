"""Everything that leaves the building, and what comes back about it."""
