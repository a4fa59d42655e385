"""The operator's command line: each command beside what it asks for.

An edge: it opens transactions and reads the clock. For `python -m leads`, and for the rehearsal,
which fills a demo.
"""
