"""Tests against real engines, managers and servers."""
