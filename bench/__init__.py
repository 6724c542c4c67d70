"""Measurements beside peers in the same run: counts, bytes, CPU time. Never asserted in tests."""
