"""The ASGI side of the dashboard: the guard, signing in, live updates.

It answers before Streamlit does. For `app.py`, which mounts it.
"""
