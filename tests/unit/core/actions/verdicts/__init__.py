"""Tests of what tools print, read."""
