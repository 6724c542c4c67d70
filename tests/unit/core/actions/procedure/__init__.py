"""Procedures, run."""
