"""Tests of the port to a server's keys."""
