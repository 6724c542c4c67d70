"""What a pane must offer so that `/`, `!` and going to a row work on it."""

from typing import Protocol, runtime_checkable

from widgets.present.table import Row


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


@runtime_checkable
class Offering(Protocol):
    """A pane with something under its cursor that something can be done with."""

    @property
    def offers_target(self) -> str:
        """Such as `shop/api`; empty: nothing is under the cursor."""
        ...


@runtime_checkable
class Prefilling(Protocol):
    """A pane that knows what an action on its rows would be asked for."""

    @property
    def offers_inputs(self) -> tuple[tuple[str, str], ...]:
        """Inputs by name, such as the ids of the marked rows."""
        ...


@runtime_checkable
class Reasoned(Protocol):
    """A pane on which something cannot be done that others offer."""

    def reason_against(self, action: str) -> str:
        """Return why an action cannot be done on this pane now; empty when it can."""
        ...


@runtime_checkable
class Selectable(Protocol):
    """A pane of keyed rows with a cursor."""

    rows: tuple[Row, ...]
    cursor_key: str
    """Key of the row under the cursor."""
