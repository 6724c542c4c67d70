"""Tests of `core.keys.secrets`."""
