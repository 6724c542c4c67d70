"""What a pane must offer so that `/`, `!` and going to a row work on it."""

from functools import cache
from typing import Protocol, cast, runtime_checkable

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


def reason_against(pane: object, action: str) -> str:
    """Return why a pane cannot do something now; empty when it can, or nothing is said of it.

    It is asked for every key of a screen whenever one may have changed, and looking through a
    protocol is dear: that is done once for each kind of pane.
    """
    return cast("Reasoned", pane).reason_against(action) if _gives_reasons(type(pane)) else ""


@cache
def _gives_reasons(kind: type) -> bool:
    return issubclass(kind, Reasoned)


@runtime_checkable
class Selectable(Protocol):
    """A pane of keyed rows with a cursor."""

    rows: tuple[Row, ...]
    cursor_key: str
    """Key of the row under the cursor."""
