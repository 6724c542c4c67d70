"""Tests of the desk, on real files."""
