"""The ASGI side of the dashboard.

The guard, signing in, live updates, and what is answered before Streamlit is.
"""
