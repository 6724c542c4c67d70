"""Logs opened together: read back and forth, searched, merged in time order, followed."""
