"""The dashboard: what advisors and supervisors see.

Each page reads through one query and acts through one verb, and a folder holds the parts of some.
For `app.py`, which mounts it.
"""
