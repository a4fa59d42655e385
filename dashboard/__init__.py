"""The dashboard: what advisors and supervisors see.

Each page reads through one query and acts through one verb. Only `app.py` uses it.
"""
