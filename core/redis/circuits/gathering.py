"""All breakers of a server: those with a record, those without, and what is worth saying. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from core.clients.keyspace.port import KeyContent
from core.model.circuit import Circuit, Circuits, CircuitState
from core.model.redis_key import KeyName
from core.model.redis_spec import CircuitSpec, RedisSpec
from core.model.text import EMPTY, SafeText, clean
from core.redis.circuits.history import identity
from core.redis.circuits.shapes import ABSENT_NOTE, absent_row, circuit_rows
from core.redis.globs import is_pattern

_MOST_GONE = 20
_MOST_NAMED = 5
_RANK = {
    CircuitState.OPEN: 0,
    CircuitState.INVALID: 1,
    CircuitState.HALF_OPEN: 2,
    CircuitState.CLOSED: 3,
    CircuitState.ABSENT: 4,
}


def circuits_of(
    contents: Sequence[KeyContent],
    spec: RedisSpec,
    now_s: float,
    *,
    before: Sequence[Circuit],
    is_walked: bool,
) -> Circuits:
    """Return the breakers of a server, those in trouble first.

    Args:
        contents: What the keys hold that may be breakers.
        spec: The server, and what is configured.
        now_s: By the server's clock.
        before: The rows of the look before: one whose record has gone since is said to be absent.
        is_walked: Whether all keys were come by, so that what was not found is not there.
    """
    found = circuit_rows(contents, spec.circuits, now_s, spec.server)
    rows = [_with_documented(row, found, spec.circuits) for row in found]
    rows += _gone(before, rows)
    notes: list[SafeText] = []
    for one in spec.circuits:
        if any(row.spec_name == one.name for row in rows):
            notes += _undocumented(one, found)
        elif is_walked or not any(is_pattern(key) for key in one.keys):
            rows.append(absent_row(one, spec.server))
        else:
            notes.append(clean(f"{one.name}: no record yet; the keys are still being looked over"))
    notes += _strays(found)
    ordered = sorted(rows, key=lambda row: (_RANK[row.state], row.spec_name, row.name))
    return Circuits(spec.server, tuple(ordered), tuple(notes))


def _strays(found: Sequence[Circuit]) -> list[SafeText]:
    """Name what is found and not configured, all in one note."""
    keys = sorted(row.keys[0].shown for row in found if not row.spec_name)
    if not keys:
        return []
    more = f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else ""
    return [clean(f"found, not configured: {', '.join(keys[:_MOST_NAMED])}{more}")]


def _with_documented(
    row: Circuit, found: Sequence[Circuit], specs: Sequence[CircuitSpec]
) -> Circuit:
    """Return a row with the exact keys of the profile that the server lacks."""
    spec = next((one for one in specs if one.name == row.spec_name), None)
    return row if spec is None else replace(row, documented=_lacking(spec, found))


def _lacking(spec: CircuitSpec, found: Sequence[Circuit]) -> tuple[KeyName, ...]:
    there = {key for row in found for key in row.keys}
    named = (KeyName.read(key) for key in spec.keys if not is_pattern(key))
    return tuple(key for key in named if key not in there)


def _undocumented(spec: CircuitSpec, found: Sequence[Circuit]) -> list[SafeText]:
    """Say where the documentation's key is not the one in use."""
    lacking = _lacking(spec, found)
    used = [row.keys[0].shown for row in found if row.spec_name == spec.name]
    if not lacking or not used:
        return []
    documented = ", ".join(key.shown for key in lacking)
    return [clean(f"{spec.name}: nothing at {documented} as documented; in use: {', '.join(used)}")]


def _gone(before: Sequence[Circuit], rows: Sequence[Circuit]) -> list[Circuit]:
    """Return those that had a record a look ago, or had it once and are absent since."""
    there = {identity(row) for row in rows}
    gone = [row for row in before if row.keys and identity(row) not in there and row.shape]
    return [
        replace(
            row,
            state=CircuitState.ABSENT,
            raw_state=EMPTY,
            since_age_s=None,
            failures=None,
            successes=None,
            next_probe_s=None,
            ttl_s=None,
            problem=EMPTY,
            note=ABSENT_NOTE,
            raw=(),
        )
        for row in gone[:_MOST_GONE]
    ]
