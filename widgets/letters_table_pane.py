"""The entries of a dead-letter stream, and the groups of those that are alike."""

from functools import partial

from textual.reactive import var

from core.model.dead_letter import DeadLetter, DeadLetters, LetterGroup
from widgets.lean_table import Column, Row
from widgets.present.stream_letters import (
    group_cells,
    group_key,
    is_of,
    letter_cells,
    letter_search,
    letter_sort,
)
from widgets.stream_rows_pane import StreamRowsPane

LETTER_COLUMNS = (
    Column("requeue", "REQUEUE", 13, is_frozen=True),
    Column("id", "ID", 17, priority=3),
    Column("age", "DIED", 5, justify="right"),
    Column("kind", "KIND", 8, priority=5),
    Column("type", "TYPE", 18, weight=2, priority=1),
    Column("retries", "RETR", 4, justify="right", priority=4),
    Column("error", "ERROR", 24, weight=3),
    Column("preview", "PAYLOAD", 24, weight=3, priority=2),
)
LETTER_GROUP_COLUMNS = (
    Column("by", "BY", 5, is_frozen=True, is_sortable=False),
    Column("key", "ALIKE IN", 24, weight=2, is_frozen=True, is_sortable=False),
    Column("count", "COUNT", 6, justify="right", is_sortable=False),
    Column("can", "GO BACK", 7, justify="right", is_sortable=False),
    Column("stay", "STAY", 6, justify="right", is_sortable=False),
    Column("newest", "NEWEST", 6, justify="right", is_sortable=False, priority=1),
    Column("oldest", "OLDEST", 6, justify="right", is_sortable=False, priority=2),
    Column("sample", "SAMPLE", 24, weight=3, is_sortable=False, priority=3),
)


class LettersTablePane(StreamRowsPane):
    """One row per letter, the oldest first until a person sorts them."""

    CALM_TEXT = "every letter can be sent back"

    letters: var[DeadLetters | None] = var(None, init=False)
    only: var[LetterGroup | None] = var(None, init=False)
    """Only letters that are alike in this."""

    def on_mount(self) -> None:
        self.columns = LETTER_COLUMNS

    def watch_letters(self) -> None:
        self._fill()

    def watch_only(self) -> None:
        self._fill()

    def _fill(self) -> None:
        rows = self.letters.rows if self.letters is not None else ()
        only = self.only
        groups = self.letters.groups if self.letters is not None else ()
        self.rows = tuple(_row(one) for one in rows if only is None or is_of(one, only, groups))

    @property
    def selected(self) -> DeadLetter | None:
        """The letter under the cursor."""
        rows = self.letters.rows if self.letters is not None else ()
        return next((one for one in rows if str(one.entry.id) == self.cursor_key), None)

    @property
    def chosen(self) -> tuple[DeadLetter, ...]:
        """The marked letters; without marks the one under the cursor."""
        rows = self.letters.rows if self.letters is not None else ()
        marked = tuple(one for one in rows if str(one.entry.id) in self.marked)
        return marked or ((self.selected,) if self.selected is not None else ())


class LetterGroupsTablePane(StreamRowsPane):
    """One row per group: by error, by type, by age."""

    letters: var[DeadLetters | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = LETTER_GROUP_COLUMNS

    def watch_letters(self) -> None:
        groups = self.letters.groups if self.letters is not None else ()
        self.rows = tuple(
            Row(
                group_key(one),
                search=one.key,
                is_fault=one.requeueable < one.count,
                draw=partial(group_cells, one),
            )
            for one in groups
        )

    @property
    def selected(self) -> LetterGroup | None:
        """The group under the cursor."""
        groups = self.letters.groups if self.letters is not None else ()
        return next((one for one in groups if group_key(one) == self.cursor_key), None)


def _row(one: DeadLetter) -> Row:
    return Row(
        str(one.entry.id),
        sort=letter_sort(one),
        search=letter_search(one),
        is_fault=not one.can_requeue,
        draw=partial(letter_cells, one),
    )
