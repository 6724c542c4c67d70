"""What a pane must offer so that `/` and `!` work on it."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Filterable(Protocol):
    """A pane of rows that can show fewer of them, and says how many it shows."""

    filter_text: str
    """Rows without this text are hidden; empty: none are."""
    faults_only: bool
    """Only rows in trouble are shown."""

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Rows shown, rows in all, marked rows, marked rows that are hidden."""
        ...
