"""The state tables and the only writer of `.state`: each move leaves a Transition row.

Anybody who moves a record goes through it.
"""
