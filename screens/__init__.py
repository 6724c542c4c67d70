"""One file per screen or dialog, its style sheet beside it."""
