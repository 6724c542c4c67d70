"""The server itself: memory, clients, persistence, latency, keys by family."""
