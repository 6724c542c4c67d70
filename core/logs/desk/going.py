"""Goes to a row: the next match, a moment, a record. Loads the rows around it where it must."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.logs.desk import finding
from core.logs.desk.loaded import Loaded, Scope, around, at_start
from core.logs.desk.orders import Around, Find, ShowRecord
from core.logs.query.query import Query
from core.model.log import LogPosition, LogRecord
from core.model.log_view import RowKey
from core.model.text import EMPTY, SafeText, clean


@dataclass(frozen=True, slots=True)
class Arrival:
    """What going somewhere has come to."""

    loaded: Loaded
    goal: RowKey | None = None
    """The row to be at. None: stay at the one there was."""
    problem: SafeText = EMPTY
    """Why there is none; empty as well when it was interrupted."""


def to_start(loaded: Loaded, scope: Scope) -> Arrival:
    """Go to the first row of all.

    Raises:
        LogUnreadableError: bytes cannot be had any more; look for news and ask again.
    """
    if scope.last is None:
        loaded = at_start(loaded, scope)
    return Arrival(loaded, loaded.first_key)


def to_moment(loaded: Loaded, scope: Scope, time_s: float) -> Arrival:
    """Go to the first record of a moment, seconds since 1970. Raises as `to_start`."""
    if scope.last is None:
        loaded = _around(loaded, scope, time_s, {})
    return Arrival(loaded, finding.first_from(loaded.rows, time_s))


def to_surroundings(loaded: Loaded, scope: Scope, order: Around) -> Arrival:
    """Go to a record among all that stands around it. Raises as `to_start`."""
    known = {order.source: order.position}
    return Arrival(
        _around(loaded, scope, order.time_s, known), (order.source, order.position, False)
    )


def to_record(loaded: Loaded, scope: Scope, order: ShowRecord) -> Arrival:
    """Go to a record whose place is known. Raises as `to_start`."""
    record = finding.record_at(scope.logs, order.source, order.position, scope.cancelled)
    if record is None:
        return Arrival(loaded, problem=clean("that record is not there any more"))
    return _to(loaded, scope, record, "that record is not among the last ones")


def to_match(loaded: Loaded, scope: Scope, query: Query, order: Find) -> Arrival:
    """Go to the next record that matches and is not hidden. Raises as `to_start`."""
    is_backwards = order.is_backwards
    if is_backwards:
        start = finding.start_before(loaded.rows, order.start, loaded.reached)
    else:
        start = finding.start_behind(loaded.rows, order.start, loaded.below)
    record = finding.next_match(
        scope.logs, query, scope.query, start, scope.cancelled, is_backwards=is_backwards
    )
    if record is not None:
        return _to(loaded, scope, record, "no match among the last records")
    if scope.cancelled():
        return Arrival(loaded)
    where = "before" if is_backwards else "after"
    return Arrival(loaded, problem=clean(f"no match {where} this row: {query.text}", 200))


def _to(loaded: Loaded, scope: Scope, record: LogRecord, problem: str) -> Arrival:
    key = (record.source, record.position, False)
    if all(row.key != key for row in loaded.rows):
        if scope.last is not None:
            return Arrival(loaded, problem=clean(problem))
        loaded = _around(loaded, scope, record.time_s, {record.source: record.position})
    return Arrival(loaded, key)


def _around(
    loaded: Loaded, scope: Scope, time_s: float | None, known: Mapping[str, LogPosition]
) -> Loaded:
    """Load the stretch that begins at a moment; `known`: places of logs that are certain."""
    places = finding.places_at(scope.logs, time_s, known, scope.query, scope.cancelled)
    return around(loaded, scope, places)
