"""Records from bytes: formats, times, levels, continuation."""
