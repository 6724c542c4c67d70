"""Pure judges: what a service said, and what must be concluded from it."""
