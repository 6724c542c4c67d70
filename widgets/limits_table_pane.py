"""The table of rate-limit records, those being limited first."""

from functools import partial
from typing import ClassVar

from textual.reactive import var

from core.model.limit import LimitRow
from core.model.redis_view import RedisPicture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.limits import (
    GAUGE_CELLS,
    absence_of,
    is_trouble,
    limit_cells,
    limit_key,
    limit_search,
    limit_sort,
)

_COLUMNS = (
    Column("limited", "LIMITED", 10, is_frozen=True),
    Column("client", "CLIENT", 24, is_frozen=True),
    Column("gauge", "LEFT", GAUGE_CELLS, priority=3),
    Column("tokens", "TOKENS", 11, justify="right"),
    Column("refill", "REFILL", 8, justify="right", priority=6),
    Column("retry", "NEXT", 8, justify="right", priority=1),
    Column("seen", "SEEN", 5, justify="right", priority=2),
    Column("ttl", "TTL", 5, justify="right", priority=4),
    Column("rejected", "429/MIN", 11, justify="right", priority=7),
    Column("shape", "SHAPE", 14, priority=8),
    Column("server", "SERVER", 18, priority=9),
    Column("key", "KEY", 20, weight=1, priority=5),
)


class LimitsTablePane(LeanTable):
    """One row per client; of very many, the first thousand of the ranking."""

    CALM_TEXT: ClassVar[str] = "nobody is being limited"

    redis: var[RedisPicture | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "limits")

    def watch_redis(self) -> None:
        redis = self.redis
        if redis is None:
            return
        is_counted = all(one.progress.is_complete for one in redis.limits)
        is_there = bool(redis.limits) and is_counted
        self.empty_text = absence_of(redis, "rate-limit records", is_there=is_there)
        self.rows = tuple(
            Row(
                limit_key(one),
                sort=limit_sort(one, position),
                search=limit_search(one),
                is_fault=is_trouble(one),
                draw=partial(limit_cells, one),
            )
            for position, one in enumerate(_records(redis))
        )

    @property
    def selected(self) -> LimitRow | None:
        """The record under the cursor."""
        return next((one for one in self._known if limit_key(one) == self.cursor_key), None)

    @property
    def _known(self) -> tuple[LimitRow, ...]:
        return _records(self.redis) if self.redis is not None else ()

    @property
    def offers_target(self) -> str:
        """Return what actions know the record by."""
        one = self.selected
        if one is None or not one.keys:
            return ""
        return f"{one.server.partition('/')[0]}/{one.spec_name or one.keys[0].spelled}"

    @property
    def offers_inputs(self) -> tuple[tuple[str, str], ...]:
        """Return the keys of the marked records of the same kind, else of this one."""
        one = self.selected
        if one is None:
            return ()
        marked = [
            row
            for row in self._known
            if limit_key(row) in self.marked
            and (row.server, row.spec_name) == (one.server, one.spec_name)
        ]
        keys = [key.spelled.replace(",", r"\x2c") for row in marked or [one] for key in row.keys]
        return (("keys", ",".join(keys)),)


def _records(redis: RedisPicture) -> tuple[LimitRow, ...]:
    return tuple(row for view in redis.limits for row in view.rows)
