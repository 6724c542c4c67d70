"""The table of backups: sets with their copies."""

from datetime import datetime
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from core.model.action_pages import BackupRow
from core.model.action_view import ActionsPicture
from core.model.verdict import Verdict
from widgets.action_page_table import ActionPageTable
from widgets.lean_table import Column, Row
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


class BackupsTablePane(ActionPageTable[BackupRow]):
    """One row per copy, the newest of a set first; a set without any has a row too."""

    CALM_TEXT: ClassVar[str] = "every set has a good copy that is young enough"
    COLUMNS: ClassVar[tuple[Column, ...]] = _COLUMNS
    NOUN: ClassVar[str] = "backups"
    NONE_TEXT: ClassVar[str] = "backup sets configured"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "app.offers", "Actions", id="backups.actions")
    ]

    def entries(self, actions: ActionsPicture) -> tuple[BackupRow, ...] | None:
        return actions.pages.backups

    def key_of(self, one: BackupRow) -> str:
        return _key(one)

    def row_of(self, one: BackupRow, now: datetime) -> Row:
        return Row(
            _key(one),
            sort=_sort(one),
            search=backup_search(one),
            is_fault=one.validity == "bad" or (one.is_newest and one.verdict is not Verdict.OK),
            draw=partial(backup_cells, one, now),
        )

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
