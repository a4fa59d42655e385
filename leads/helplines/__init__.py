"""Helplines: brands, their sources, phones, hours and what else is set up of them.

An empty installation gets its first ones here. For set-up pages, intake, calls, the phone network's
side, reporting and commands.
"""
