"""Tests of keys, secrets and tokens."""
