"""The ASGI side of the dashboard: the guard, signing in, live updates, voicemails, television.

It answers before Streamlit does. For `app.py`, which mounts it, and for pages that name its routes.
"""
