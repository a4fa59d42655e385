"""The ASGI side of the dashboard: the guard, signing in, live updates, and what is answered before Streamlit is."""
