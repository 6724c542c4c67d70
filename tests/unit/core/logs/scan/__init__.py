"""Tests of core.logs.scan."""
