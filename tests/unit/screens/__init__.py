"""Pure parts of the screens."""
