"""Circuit breakers of every known shape."""
