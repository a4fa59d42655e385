"""One try to connect an advisor with a lead: its legs, its progress, and what came of it."""
