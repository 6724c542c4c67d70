"""Housekeeping of logs."""
