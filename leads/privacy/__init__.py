"""Privacy: what a person may ask of us about their own data."""
