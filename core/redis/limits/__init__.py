"""Rate-limit records of every known shape."""
