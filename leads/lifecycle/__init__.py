"""The state tables and the only writer of `.state`: each move leaves a Transition row.

Everything that moves a record goes through it.
"""
