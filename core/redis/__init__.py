"""What Redis-compatible servers hold, read without hurting them: streams, limits, circuits."""
