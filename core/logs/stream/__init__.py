"""Logs as streams: what follows a log offers, records over segments, spools, line numbers."""
