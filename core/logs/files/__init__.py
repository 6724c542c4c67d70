"""Log files: found, opened safely, read through time and followed through every rotation."""
