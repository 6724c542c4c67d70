"""The groups of a stream, each with its consumers below it."""

from functools import partial

from textual.reactive import var

from core.model.stream import Consumer, ConsumerState, Group, Presence, Stream
from core.model.verdict import Verdict
from widgets.lean_table import Column, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.line import Line, Tone, line, span
from widgets.present.stream_groups import (
    consumer_cells,
    consumer_key,
    consumer_search,
    found,
    group_cells,
    group_key,
    group_search,
    more_cells,
)
from widgets.stream_rows_pane import StreamRowsPane

GROUP_COLUMNS = (
    Column("name", "GROUP / CONSUMER", 22, weight=2, is_frozen=True, is_sortable=False),
    Column("state", "STATE", 10, is_sortable=False),
    Column("pending", "PENDING", 7, justify="right", is_sortable=False),
    Column("lag", "LAG", 7, justify="right", is_sortable=False, priority=2),
    Column("behind", "BEHIND", 6, justify="right", is_sortable=False, priority=3),
    Column("idle", "IDLE", 5, justify="right", is_sortable=False),
    Column("inactive", "NO WORK", 7, justify="right", is_sortable=False, priority=4),
    Column("why", "WHY", 24, weight=4, is_sortable=False, priority=1),
)
_ODD = frozenset({ConsumerState.STUCK, ConsumerState.GONE})


class StreamGroupsTablePane(StreamRowsPane):
    """A tree of two levels; it stays in its order, so nothing can be sorted."""

    CALM_TEXT = "no group and no consumer is in trouble"

    stream: var[Stream | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = GROUP_COLUMNS
        self.empty_text = absence_line(Absence.NONE, "stream selected")

    def watch_stream(self) -> None:
        self.empty_text = _nothing(self.stream)
        groups = self.stream.groups if self.stream is not None else ()
        self.rows = tuple(row for group in groups for row in _rows(group))

    @property
    def selected(self) -> tuple[Group | None, Consumer | None]:
        """The group under the cursor, and the consumer where the cursor is on one."""
        return found(self.stream, self.cursor_key)


def _nothing(stream: Stream | None) -> Line:
    if stream is None:
        return absence_line(Absence.NONE, "stream selected")
    if stream.presence in {Presence.MISSING, Presence.WRONG_TYPE}:
        return absence_line(Absence.NONE, "groups", "there is no such stream")
    if stream.is_dead_letters:
        return line(span("no group reads it; enter shows the dead letters", Tone.DIM))
    return absence_line(Absence.NONE, "groups", "nobody reads this stream by a group")


def _rows(group: Group) -> list[Row]:
    is_bad = group.verdict in {Verdict.DEGRADED, Verdict.DOWN}
    rows = [
        Row(
            group_key(group),
            search=group_search(group),
            is_fault=is_bad,
            draw=partial(group_cells, group),
        )
    ]
    is_cut = group.consumer_count > len(group.consumers)
    for consumer in group.consumers:
        is_last = not is_cut and consumer is group.consumers[-1]
        rows.append(
            Row(
                consumer_key(group, consumer),
                search=consumer_search(group, consumer),
                is_fault=consumer.state in _ODD,
                draw=partial(consumer_cells, consumer, is_last=is_last),
            )
        )
    if is_cut:
        rows.append(Row(f"{group_key(group)}\0…", draw=partial(more_cells, group)))
    return rows
