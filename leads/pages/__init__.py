"""Pages drawn on the server, without JavaScript: templates, and texts in both languages.

For intake's form, reporting on paper and the dashboard's ASGI side.
"""
