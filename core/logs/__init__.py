"""The log engine: segments of bytes, records, queries and aggregates; no terminal, no third-party system."""
