"""Brands and their sources, and what an empty installation needs first.

For intake, reporting, set-up pages and commands.
"""
