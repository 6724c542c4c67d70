"""Tests of `core.keys.tokens`."""
