"""Streams, groups, pending entries, dead letters."""
