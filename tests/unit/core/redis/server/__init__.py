"""Tests of what a server says of itself and holds."""
