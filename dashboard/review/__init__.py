"""Parts of the review page and the lead's file: what was said later beside what was said first.

They draw, and act through one verb each.
"""
