"""Pages drawn on the server, without JavaScript.

Templates, texts in both languages, and how they are rendered.
"""
