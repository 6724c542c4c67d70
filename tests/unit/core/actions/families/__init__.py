"""Families of actions on fakes."""
