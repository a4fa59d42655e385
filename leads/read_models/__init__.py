"""Read models: what pages and monitoring show, each read by one function into dataclasses.

They write nothing. For pages, health checks and commands.
"""
