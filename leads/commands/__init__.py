"""The operator's command line: each command beside what it asks for.

An edge: it opens transactions and reads the clock.
"""
