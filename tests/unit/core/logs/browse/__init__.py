"""Tests of core.logs.browse."""
