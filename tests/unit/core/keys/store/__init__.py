"""Tests of key stores."""
