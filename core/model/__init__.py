"""Frozen values: what the console knows. Standard library only."""
