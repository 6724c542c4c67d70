"""Log files, on real files."""
