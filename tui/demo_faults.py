"""What the console must be given to switch faults of the demo; it knows nothing else of it."""

from typing import Protocol


class DemoFaults(Protocol):
    """The faults of the demo, when the console was opened on it."""

    names: tuple[str, ...]

    def switch(self, name: str) -> str:
        """Switch a fault on, or off again, and return what to say; takes its time."""
        ...
