"""Pages drawn on the server, without JavaScript: templates, texts in both languages, and how they are rendered."""
