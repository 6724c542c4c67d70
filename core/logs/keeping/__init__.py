"""Housekeeping of logs: what is there, how long it may stay, what a plan would touch."""
