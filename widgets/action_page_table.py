"""What the tables of the screen of actions share: rows of values that one picture brings."""

from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from textual.reactive import var

from core.model.action_view import ActionsPicture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line

_Entry = TypeVar("_Entry")


class ActionPageTable(LeanTable, Generic[_Entry]):
    """One row per value, found again by its key; a subclass says which, and how a row is drawn."""

    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    NOUN: ClassVar[str] = ""
    """What the rows are."""
    NONE_TEXT: ClassVar[str] = ""
    """What there is none of, where there is no row."""

    actions: var[ActionsPicture | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = self.COLUMNS
        self.empty_text = absence_line(Absence.LOADING, self.NOUN)

    def watch_actions(self) -> None:
        self._fill()

    def watch_now(self) -> None:
        self._fill()

    def entries(self, actions: ActionsPicture) -> tuple[_Entry, ...] | None:
        """Return the values of the picture; None: they have not been read."""
        raise NotImplementedError

    def key_of(self, one: _Entry) -> str:
        """Return what finds a value again when the next picture comes."""
        raise NotImplementedError

    def row_of(self, one: _Entry, now: datetime) -> Row:
        """Return how a value sorts, is filtered by and drawn."""
        raise NotImplementedError

    def _fill(self) -> None:
        if self.actions is None or self.now is None:
            return
        entries = self.entries(self.actions)
        if entries is None:
            problem = self.actions.pages.problem or self.actions.problem
            if problem:
                self.empty_text = absence_line(Absence.UNREACHABLE, self.NOUN, problem)
            return
        self.empty_text = absence_line(Absence.NONE, self.NONE_TEXT)
        now = self.now
        self.rows = tuple(self.row_of(one, now) for one in entries)

    @property
    def selected(self) -> _Entry | None:
        """The value under the cursor."""
        entries = self.entries(self.actions) if self.actions is not None else None
        return next((one for one in entries or () if self.key_of(one) == self.cursor_key), None)
