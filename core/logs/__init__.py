"""The log engine: segments of bytes, records, queries, aggregates. No terminal in sight."""
