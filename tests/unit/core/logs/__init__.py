"""The log engine."""
