"""The table of backups: sets with their copies."""

from datetime import datetime
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import var

from core.model.action_pages import BackupRow
from core.model.action_view import ActionsPicture
from core.model.verdict import Verdict
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.action_pages import backup_cells, backup_search

_COLUMNS = (
    Column("set", "SET", 24, is_frozen=True),
    Column("worth", "WORTH", 12, is_frozen=True),
    Column("age", "AGE", 9, justify="right"),
    Column("size", "SIZE", 9, justify="right", priority=1),
    Column("kind", "KIND", 9, priority=4),
    Column("copy", "COPY", 28, priority=3),
    Column("why", "WHY", 20, weight=1, priority=2),
)


class BackupsTablePane(LeanTable):
    """One row per copy, the newest of a set first; a set without any has a row too."""

    CALM_TEXT: ClassVar[str] = "every set has a good copy that is young enough"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "app.offers", "Actions", id="backups.actions")
    ]

    actions: var[ActionsPicture | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "backups")

    def watch_actions(self) -> None:
        self._fill()

    def watch_now(self) -> None:
        self._fill()

    def _fill(self) -> None:
        if self.actions is None or self.now is None:
            return
        rows = self.actions.pages.backups
        if rows is None:
            problem = self.actions.pages.problem or self.actions.problem
            if problem:
                self.empty_text = absence_line(Absence.UNREACHABLE, "backups", problem)
            return
        self.empty_text = absence_line(Absence.NONE, "backup sets configured")
        now = self.now
        self.rows = tuple(
            Row(
                _key(one),
                sort=_sort(one),
                search=backup_search(one),
                is_fault=one.validity == "bad" or (one.is_newest and one.verdict is not Verdict.OK),
                draw=partial(backup_cells, one, now),
            )
            for one in rows
        )

    @property
    def selected(self) -> BackupRow | None:
        """The backup under the cursor."""
        rows = self.actions.pages.backups if self.actions is not None else None
        return next((one for one in rows or () if _key(one) == self.cursor_key), None)

    @property
    def offers_target(self) -> str:
        """The set under the cursor."""
        row = self.selected
        return f"{row.system}/{row.name}" if row is not None else ""


def _key(row: BackupRow) -> str:
    return f"{row.system}/{row.name}/{row.path}"


def _sort(row: BackupRow) -> tuple[float | str | None, ...]:
    at_s = row.made_at.timestamp() if row.made_at is not None else None
    return (f"{row.system}/{row.name}", row.validity, at_s, row.size_bytes, row.kind, row.path,
            row.why)  # fmt: skip
