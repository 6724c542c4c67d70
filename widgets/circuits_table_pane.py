"""The table of circuit breakers."""

from functools import partial

from textual.reactive import var

from core.model.circuit import Circuit
from core.model.redis_view import RedisPicture
from core.model.views import Picture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.circuits import (
    STRIP_CELLS,
    circuit_cells,
    circuit_key,
    circuit_search,
    circuit_sort,
    is_trouble,
    service_of,
)
from widgets.present.limits import absence_of

_COLUMNS = (
    Column("state", "STATE", 12, is_frozen=True),
    Column("circuit", "CIRCUIT", 20, is_frozen=True),
    Column("server", "SERVER", 18, priority=8),
    Column("since", "SINCE", 5, justify="right", priority=1),
    Column("failures", "FAILED", 7, justify="right", priority=2),
    Column("probe", "PROBE", 9, justify="right", priority=3),
    Column("upstream", "UPSTREAM", 10, priority=4),
    Column("metric", "METRIC", 13, priority=7),
    Column("history", "CHANGES", STRIP_CELLS, priority=6, is_sortable=False),
    Column("why", "WHY", 24, weight=1, priority=5),
)


class CircuitsTablePane(LeanTable):
    """One row per breaker that was found, or is configured and was not."""

    redis: var[RedisPicture | None] = var(None, init=False)
    picture: var[Picture | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "circuits")

    def watch_redis(self) -> None:
        self._fill()

    def watch_picture(self) -> None:
        self._fill()

    def _fill(self) -> None:
        redis, picture = self.redis, self.picture
        if redis is None or picture is None:
            return
        self.empty_text = absence_of(redis, "circuits", is_there=bool(redis.circuits))
        self.rows = tuple(
            Row(
                circuit_key(one),
                sort=circuit_sort(one),
                search=circuit_search(one),
                is_fault=is_trouble(one),
                draw=partial(circuit_cells, one, service_of(picture, one.upstream)),
            )
            for one in _circuits(redis)
        )

    @property
    def selected(self) -> Circuit | None:
        """The breaker under the cursor."""
        circuits = _circuits(self.redis) if self.redis is not None else ()
        return next((one for one in circuits if circuit_key(one) == self.cursor_key), None)

    @property
    def offers_target(self) -> str:
        """Return what actions know the breaker by."""
        one = self.selected
        return f"{one.server.partition('/')[0]}/{one.spec_name or one.name}" if one else ""

    @property
    def offers_inputs(self) -> tuple[tuple[str, str], ...]:
        """Return its key, where it has one record."""
        one = self.selected
        return (("key", one.keys[0].spelled),) if one is not None and one.keys else ()


def _circuits(redis: RedisPicture) -> tuple[Circuit, ...]:
    return tuple(row for view in redis.circuits for row in view.rows)
