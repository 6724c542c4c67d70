"""Figures over records."""
