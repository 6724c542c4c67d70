"""A Redis-compatible server's keys, read without hurting it: the port and its adapters."""
