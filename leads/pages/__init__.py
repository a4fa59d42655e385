"""Pages drawn on the server: templates, and texts in both languages, which need no JavaScript.

For intake's form, reporting on paper and the dashboard's ASGI side.
"""
