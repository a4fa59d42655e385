"""One person's file: facts, timeline, notes, merging with another number of theirs.

For read models, pages and the data export.
"""
