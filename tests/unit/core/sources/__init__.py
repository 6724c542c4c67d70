"""Tests of core.sources."""
