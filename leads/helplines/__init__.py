"""Brands and their sources, and what an empty installation needs first."""
