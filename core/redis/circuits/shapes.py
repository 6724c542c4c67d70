"""Breakers recognised by type and fields: hashes, strings, JSON, records of several keys. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.clients.keyspace.port import KeyContent
from core.model.circuit import Circuit, CircuitState
from core.model.redis_key import KeyName
from core.model.redis_spec import CircuitSpec
from core.model.text import EMPTY, SafeText, clean
from core.redis.circuits import parts
from core.redis.circuits.record import Judged, judge
from core.redis.circuits.states import state_word
from core.redis.fields import Fields, hash_fields, json_fields, raw_of, raw_pair
from core.redis.globs import is_pattern, matches

KNOWN_PATTERNS = (
    "circuit_breaker:*", "*circuit-breaker*", "circuit:*", "cb:*", "breaker:*", "*pybreaker*",
)  # fmt: skip
"""Where breakers in use keep their records; looked at even when nothing is configured."""
ABSENT_NOTE = SafeText("no record: closed, or never used")


@dataclass(frozen=True, slots=True)
class _Record:
    """Keys that are one breaker."""

    base: str
    contents: tuple[KeyContent, ...]
    fields: Fields
    shape: str
    ttl_s: float | None


def circuit_rows(
    contents: Sequence[KeyContent], specs: Sequence[CircuitSpec], now_s: float, server: str = ""
) -> tuple[Circuit, ...]:
    """Return a row for each breaker that has a record.

    Args:
        contents: What the keys hold; those that are gone give no row.
        specs: What the configuration says; the first one a key belongs to counts.
        now_s: By the server's clock, seconds since 1970.
        server: `system/service`.
    """
    found = [one for one in contents if one.look.kind != "none"]
    records = _records(found)
    named = Counter(parts.protected(one.base) for one in records)
    rows = [_row(one, specs, now_s, server, named) for one in records]
    return tuple(row for row in rows if row.spec_name or _is_breaker(row))


def absent_row(spec: CircuitSpec, server: str) -> Circuit:
    """Return the row of a breaker that has no record anywhere."""
    keys = tuple(KeyName.read(key) for key in spec.keys)
    exact = tuple(KeyName.read(key) for key in spec.keys if not is_pattern(key))
    record = _Record("", (), Fields({}), "", None)
    judged = Judged(
        CircuitState.ABSENT,
        threshold=spec.failure_threshold,
        successes_needed=spec.half_open_successes,
        note=ABSENT_NOTE,
    )
    return _circuit(record, judged, spec, server, clean(spec.name), keys, exact)


def spec_of(keys: Iterable[KeyName], specs: Sequence[CircuitSpec]) -> CircuitSpec | None:
    """Return the configured breaker that keys belong to; None: to none."""
    raws = [key.raw for key in keys]
    return next(
        (one for one in specs if any(matches(key, raw) for key in one.keys for raw in raws)), None
    )


def _records(contents: Sequence[KeyContent]) -> list[_Record]:
    """Put together the keys that are one breaker."""
    alone: list[_Record] = []
    split: dict[str, list[tuple[str, KeyContent]]] = {}
    for one in contents:
        part = parts.part_of(one.key.raw)
        record = _alone(one, is_part=part is not None)
        if record is not None or part is None:
            alone.append(record or _unknown(one))
        else:
            split.setdefault(part[0], []).append((part[1], one))
    return alone + [_joined(base, named) for base, named in split.items()]


def _alone(content: KeyContent, *, is_part: bool) -> _Record | None:
    """Return the record that one key is; None: it is a part of one, or no breaker's."""
    base = content.key.raw.decode("utf-8", "replace")
    ttl_s = content.look.ttl_s
    if content.look.kind == "hash":
        return _Record(base, (content,), hash_fields(content), "hash", ttl_s)
    if content.look.kind != "string" or content.text is None:
        return None
    fields = json_fields(content.text.data)
    if fields is not None:
        return _Record(base, (content,), fields, "json", ttl_s)
    if is_part:
        return None
    state = Fields.of([("state", content.text.data)])
    return _Record(base, (content,), state, "string", ttl_s)


def _joined(base: str, named: Sequence[tuple[str, KeyContent]]) -> _Record:
    texts = [(name, one.text.data) for name, one in named if one.text is not None]
    fields = Fields.of(texts)
    ordered = sorted(named, key=lambda pair: (not _is_state(pair[0]), pair[1].key))
    state = next((one for name, one in named if _is_state(name)), None)
    ttl_s = state.look.ttl_s if state is not None else None
    contents = tuple(one for _, one in ordered)
    shape = "split keys" if len(contents) > 1 else "string"
    return _Record(base[:-1], contents, fields, shape, ttl_s)


def _is_state(name: str) -> bool:
    return "state" in name.lower() and "change" not in name.lower()


def _unknown(content: KeyContent) -> _Record:
    base = content.key.raw.decode("utf-8", "replace")
    return _Record(base, (content,), Fields({}), content.look.kind, content.look.ttl_s)


def _is_breaker(row: Circuit) -> bool:
    """Tell a breaker that nobody configured from a key that only has such a name."""
    if row.state in {CircuitState.INVALID, CircuitState.ABSENT}:
        return False
    return row.shape != "string" or state_word(row.raw_state) is not None


def _row(
    record: _Record,
    specs: Sequence[CircuitSpec],
    now_s: float,
    server: str,
    named: Mapping[str, int],
) -> Circuit:
    keys = tuple(one.key for one in record.contents)
    spec = spec_of(keys, specs)
    is_split = record.contents[0].look.kind == "string" and record.shape != "json"
    judged = judge(record.fields, record.ttl_s, spec, now_s, is_split=is_split)
    said = parts.protected(record.base)
    name = clean(said if named[said] == 1 else record.base)
    return _circuit(record, judged, spec, server, name, keys, ())


def _circuit(
    record: _Record,
    judged: Judged,
    spec: CircuitSpec | None,
    server: str,
    name: SafeText,
    keys: tuple[KeyName, ...],
    documented: tuple[KeyName, ...],
) -> Circuit:
    return Circuit(
        server=server,
        name=name,
        spec_name=spec.name if spec else "",
        keys=keys,
        documented=documented,
        shape=clean(record.shape),
        state=judged.state,
        raw_state=judged.raw_state,
        since_age_s=judged.since_age_s,
        failures=judged.failures,
        threshold=judged.threshold,
        successes=judged.successes,
        successes_needed=judged.successes_needed,
        next_probe_s=judged.next_probe_s,
        ttl_s=record.ttl_s,
        problem=judged.problem,
        note=judged.note,
        service=spec.service if spec else "",
        upstream=spec.upstream if spec else "",
        metric=spec.metric if spec else "",
        metric_raw=EMPTY,
        raw=_raw(record),
    )


def _raw(record: _Record) -> tuple[tuple[SafeText, SafeText], ...]:
    if record.shape != "split keys":
        return tuple(pair for one in record.contents for pair in raw_of(one))
    texts = [(one.key.spelled, one.text.data) for one in record.contents if one.text is not None]
    return tuple(raw_pair(name, data) for name, data in texts)
