"""Streams of the log engine."""
