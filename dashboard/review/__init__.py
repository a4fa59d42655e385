"""Parts of the work list and of a person's record: what only a person can decide.

They draw, and act through one verb each. For the pages `open_work` and `lead_file`.
"""
