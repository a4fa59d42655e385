"""One person's file: facts, timeline, promises, tasks, notes, merging with another file of theirs.

For read models, pages and the data export.
"""
