"""Streams, pending entries, dead letters."""
