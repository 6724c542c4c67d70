"""Tests of the Redis views."""
