"""The application: composition root, app, palette, key map, themes."""
