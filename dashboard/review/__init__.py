"""Parts of the work list and the lead's file: what only a person can decide.

They draw, and act through one verb each.
"""
