"""One breaker's record, whatever its shape: its state, since when, its next probe. Pure.

Whatever is junk in it makes it invalid, with what is wrong named; nothing becomes closed or zero.
"""

from dataclasses import dataclass, field

from core.model.circuit import CircuitState
from core.model.redis_spec import CircuitSpec
from core.model.text import EMPTY, SafeText, clean, join
from core.redis.circuits import parts
from core.redis.circuits.states import figure_state, state_word
from core.redis.fields import Field, Fields
from core.redis.figures import Unusable, is_nothing, parse_count, parse_number, parse_stamp, trouble

AHEAD_S = 5.0
"""Clocks that differ by less are in step."""
_MS_FROM = 1000.0
"""A time-out of so many is in milliseconds."""
_STAYS_OPEN = SafeText("it stays open until the next request after its time-out")
_LET_THROUGH = SafeText("its time-out is over: the next request is let through and decides")
_FRESH_COUNT = SafeText("0 failures while open is normal: the count begins anew")
_NO_STATE = SafeText("no state is recorded: closed, or not opened yet")


@dataclass(frozen=True, slots=True)
class Judged:
    """What a record says; the names are those of `Circuit`."""

    state: CircuitState
    raw_state: SafeText = EMPTY
    since_age_s: float | None = None
    failures: int | None = None
    threshold: int | None = None
    successes: int | None = None
    successes_needed: int | None = None
    next_probe_s: float | None = None
    problem: SafeText = EMPTY
    note: SafeText = EMPTY


@dataclass(slots=True)
class _Reader:
    """Reads parts one by one and keeps what is wrong with them."""

    fields: Fields
    problems: list[SafeText] = field(default_factory=list[SafeText])
    notes: list[SafeText] = field(default_factory=list[SafeText])

    def count(self, names: tuple[str, ...]) -> int | None:
        """Return a whole number; None: there is none, or it is junk."""
        found = self.fields.first(names)
        try:
            return None if found is None else parse_count(found.data)
        except Unusable as why:
            self._complain(found, why)
            return None

    def age_s(self, names: tuple[str, ...], now_s: float) -> float | None:
        """Return how long ago a moment was; None: there was none, or it is junk."""
        found = self.fields.first(names)
        if found is None or is_nothing(found.data):
            return None
        try:
            return now_s - parse_stamp(found.data).time_s
        except Unusable as why:
            self._complain(found, why)
            return None

    def timeout_s(self) -> float | None:
        """Return the time-out in the record."""
        found = self.fields.first(parts.TIMEOUT)
        try:
            number = None if found is None else parse_number(found.data)
        except Unusable as why:
            self._complain(found, why)
            return None
        if found is None or number is None:
            return None
        is_ms = found.name.lower().endswith("ms") or number >= _MS_FROM
        return number / 1000 if is_ms else number

    def state(self, spec: CircuitSpec | None) -> CircuitState | None:
        """Return the state that is written; None: none is, or it is junk."""
        found = self.fields.first(parts.STATE)
        if found is None:
            return None
        text = found.data.decode("utf-8", "replace")
        word = state_word(text)
        if word is not None:
            return word
        figure = figure_state(text, spec.legend if spec else ())
        if figure is None:
            why = "no known state" if text.strip() else "empty"
            self._complain(found, why)
            return None
        self.notes.append(figure[1])
        return figure[0]

    def _complain(self, found: Field | None, why: object) -> None:
        if found is not None:
            self.problems.append(trouble(found.name, why, found.data))


def judge(
    fields: Fields,
    ttl_s: float | None,
    spec: CircuitSpec | None,
    now_s: float,
    *,
    is_split: bool = False,
) -> Judged:
    """Return what a record says.

    Args:
        fields: Its parts.
        ttl_s: Until it is gone, where it goes by itself.
        spec: What the configuration says of it.
        now_s: By the server's clock, seconds since 1970.
        is_split: Its parts are keys of their own, each with its own end: a state may be over.
    """
    read = _Reader(fields)
    written = fields.first(parts.STATE)
    raw_state = clean(written.data, 80) if written is not None else EMPTY
    state = read.state(spec)
    failures, successes = read.count(parts.FAILURES), read.count(parts.SUCCESSES)
    threshold, needed = read.count(parts.THRESHOLD), read.count(parts.NEEDED)
    changed_s, opened_s = read.age_s(parts.CHANGED, now_s), read.age_s(parts.OPENED, now_s)
    failed_s, past_s = read.age_s(parts.FAILED, now_s), read.age_s(parts.UNTIL, now_s)
    timeout_s = read.timeout_s()
    if timeout_s is None and spec is not None:
        timeout_s = spec.reset_timeout_s
    if written is None:
        state = _without_state(read, past_s, failures if is_split else None)
    since_s = _since_s(read, state, changed_s, opened_s, failed_s)
    probe_s = _probe_s(state, since_s, past_s, ttl_s, timeout_s)
    if state is CircuitState.OPEN:
        read.notes.append(_LET_THROUGH if probe_s == 0 else _STAYS_OPEN)
        if failures == 0:
            read.notes.append(_FRESH_COUNT)
    is_invalid = bool(read.problems) or state is None
    return Judged(
        CircuitState.INVALID if is_invalid or state is None else state,
        raw_state,
        since_s,
        failures,
        threshold if threshold is not None or spec is None else spec.failure_threshold,
        successes,
        needed if needed is not None or spec is None else spec.half_open_successes,
        None if is_invalid else probe_s,
        join("; ", read.problems),
        EMPTY if is_invalid else join("; ", read.notes),
    )


def _without_state(
    read: _Reader, past_s: float | None, failures: int | None
) -> CircuitState | None:
    """Return the state of a record that tells it by a moment alone, or not at all."""
    if read.fields.has(parts.UNTIL):
        if past_s is None:
            return CircuitState.CLOSED
        if past_s < 0:
            return CircuitState.OPEN
        read.notes.append(_LET_THROUGH)
        return CircuitState.HALF_OPEN
    if failures is not None:
        read.notes.append(_NO_STATE)
        return CircuitState.ABSENT
    read.problems.append(SafeText("state: missing"))
    return None


def _since_s(
    read: _Reader,
    state: CircuitState | None,
    changed_s: float | None,
    opened_s: float | None,
    failed_s: float | None,
) -> float | None:
    """Return since when it has its state; of an open one an opening or failure tells it."""
    age_s = changed_s
    if age_s is None and state in {CircuitState.OPEN, CircuitState.HALF_OPEN}:
        age_s = opened_s
        if state is CircuitState.HALF_OPEN and opened_s is not None:
            read.notes.append(SafeText("counted from when it opened"))
    if age_s is None and state is CircuitState.OPEN and failed_s is not None:
        age_s = failed_s
        read.notes.append(SafeText("counted from its last failure"))
    if age_s is not None and age_s < -AHEAD_S:
        read.notes.append(clean(f"stamped {-age_s:.0f} s ahead of the server's clock"))
    return age_s


def _probe_s(
    state: CircuitState | None,
    since_s: float | None,
    past_s: float | None,
    ttl_s: float | None,
    timeout_s: float | None,
) -> float | None:
    """Return when a request is let through; None: not known, or it does not wait for one."""
    if state is CircuitState.HALF_OPEN:
        return 0.0
    if state is not CircuitState.OPEN:
        return None
    waits: list[float] = [] if ttl_s is None else [ttl_s]
    if past_s is not None:
        waits.append(max(-past_s, 0.0))
    elif since_s is not None and timeout_s is not None:
        waits.append(max(timeout_s - since_s, 0.0))
    return min(waits, default=None)
