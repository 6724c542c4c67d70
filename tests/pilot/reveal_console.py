"""A console with a new key that waits, in a child on a terminal; `python -c` calls `main`."""

from bench.scene import trouble
from bench.still import StillConsole


def main() -> None:
    """Open it until somebody leaves it."""
    StillConsole(trouble()).run()
