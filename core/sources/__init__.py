"""The read side: each source turns a client's answers into events."""
