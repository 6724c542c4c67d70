"""The application shell without a terminal."""
