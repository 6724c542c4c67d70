"""The table of streams, with the servers that cannot be read among them."""

from collections import Counter
from functools import partial

from textual.reactive import var

from core.model.redis_server import ServerView
from core.model.redis_view import RedisPicture, Streams
from core.model.stream import Stream
from core.model.text import clean
from widgets.lean_table import Column, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.stream_words import is_trouble, trouble_text
from widgets.present.streams import (
    TREND_CELLS,
    needs_row,
    server_cells,
    server_key,
    stream_cells,
    stream_key,
    stream_search,
    stream_sort,
)
from widgets.stream_rows_pane import StreamRowsPane

STREAM_COLUMNS = (
    Column("state", "STATE", 12, is_frozen=True),
    Column("stream", "STREAM", 21, weight=1, is_frozen=True),
    Column("length", "LENGTH", 7, justify="right"),
    Column("in", "IN/S", 5, justify="right", priority=3),
    Column("out", "OUT/S", 5, justify="right", priority=4),
    Column("lag", "LAG", 7, justify="right"),
    Column("behind", "BEHIND", 6, justify="right", priority=1),
    Column("pending", "PENDING", 7, justify="right"),
    Column("idle", "OLDEST", 6, justify="right", priority=2),
    Column("trend", "LAG TREND", TREND_CELLS, priority=6, is_sortable=False),
    Column("memory", "MEMORY", 8, justify="right", priority=7),
    Column("why", "WHY", 20, weight=5, priority=5),
    Column("server", "SERVER", 22, priority=8),
)
"""The last one is shown where there are several servers."""


class StreamsTablePane(StreamRowsPane):
    """One row per stream, the configured ones first until a person sorts them."""

    CALM_TEXT = "no stream is in trouble"

    redis: var[RedisPicture | None] = var(None, init=False)

    _has_streams = False
    """Whether any stream was ever shown."""

    def on_mount(self) -> None:
        self.columns = STREAM_COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "streams")

    def watch_redis(self) -> None:
        redis = self.redis
        if redis is None:
            return
        if redis.is_read and not redis.servers:
            self.empty_text = absence_line(
                Absence.NONE, "streams", "no Redis-compatible server is configured"
            )
        columns = STREAM_COLUMNS if len(redis.servers) > 1 else STREAM_COLUMNS[:-1]
        if columns != self.columns:
            self.columns = columns
        bad: list[Row] = []
        empty: list[Row] = []
        for view in redis.servers:
            streams = redis.streams_of(view.server)
            if needs_row(view, streams):
                row = _server_row(view, streams)
                (bad if row.is_fault else empty).append(row)
        found = [one for streams in redis.streams for one in streams.rows]
        names = Counter(one.key for one in found)
        rows = (_row(one, place, is_alone=names[one.key] == 1) for place, one in enumerate(found))
        self.rows = (*bad, *rows, *empty)
        if found and not self._has_streams:
            # Servers answer one after the other: whoever was first is not what is looked at first.
            self._has_streams, self.cursor_key = True, self.shown[0].key if self.shown else ""

    @property
    def selected(self) -> Stream | None:
        """The stream under the cursor."""
        if self.redis is None:
            return None
        rows = (one for streams in self.redis.streams for one in streams.rows)
        return next((one for one in rows if stream_key(one) == self.cursor_key), None)

    @property
    def server(self) -> str:
        """The server of what is under the cursor; empty: nothing is."""
        return self.cursor_key.partition(" ")[0]


def _row(stream: Stream, position: int, *, is_alone: bool) -> Row:
    return Row(
        stream_key(stream),
        sort=stream_sort(stream, position),
        search=stream_search(stream),
        is_fault=is_trouble(stream),
        draw=partial(stream_cells, stream, is_alone=is_alone),
    )


def _server_row(view: ServerView, streams: Streams | None) -> Row:
    said = trouble_text(view.trouble) if view.trouble is not None else ""
    return Row(
        server_key(view.server),
        server_cells(view, streams),
        # By anything but its state it is sorted last.
        (3.0 if view.trouble is not None else 0.0,),
        clean(f"{view.server} {said}"),
        view.trouble is not None,
    )
