"""What `quarterdeck circuits` prints. Pure; the names in JSON are a contract."""

from collections.abc import Sequence

from cli import exits
from cli.output import GLYPHS, aligned
from cli.record_values import seconds, trouble_json, trouble_lines
from cli.redis_reading import Reading
from core.model.circuit import Circuit, Circuits, CircuitState
from core.model.redis_key import KeyName
from core.model.verdict import Verdict
from core.redis.streams.words import counted, span_words

FORMAT = 1
"""Version of the JSON document: grows when a name changes its meaning or goes away."""
_VERDICTS = {
    CircuitState.CLOSED: Verdict.OK,
    CircuitState.HALF_OPEN: Verdict.DEGRADED,
    CircuitState.OPEN: Verdict.DOWN,
    CircuitState.ABSENT: Verdict.UNKNOWN,
    CircuitState.INVALID: Verdict.UNKNOWN,
}
_WELL = frozenset({CircuitState.CLOSED, CircuitState.ABSENT})


def exit_code(readings: Sequence[Reading]) -> int:
    """Return 0 when all are closed or without a record, 3 when no server answered, else 1."""
    if all(one.trouble is not None for one in readings):
        return exits.UNREACHED
    views = [one.view for one in readings if isinstance(one.view, Circuits)]
    is_bad = any(row.state not in _WELL for view in views for row in view.rows)
    return exits.TROUBLE if is_bad or len(views) < len(readings) else exits.OK


def as_document(readings: Sequence[Reading], code: int) -> dict[str, object]:
    """Return the JSON document of `circuits --json`."""
    views = [one.view for one in readings if isinstance(one.view, Circuits)]
    return {
        "format": FORMAT,
        "exit_code": code,
        "servers": [_server_json(one) for one in readings],
        "circuits": [circuit_json(row) for view in views for row in view.rows],
    }


def _server_json(reading: Reading) -> dict[str, object]:
    view = reading.view if isinstance(reading.view, Circuits) else None
    return {
        "server": reading.spec.server,
        "trouble": trouble_json(reading.trouble),
        "notes": list(view.notes) if view else [],
    }


def state_text(state: CircuitState) -> str:
    """Return the state as the configuration spells it: `half-open`."""
    return str(state).replace(" ", "-")


def circuit_json(row: Circuit) -> dict[str, object]:
    """Return one breaker; what is not known is null."""
    return {
        "server": row.server,
        "circuit": row.name,
        "configured_as": row.spec_name or None,
        "keys": _keys(row.keys),
        "documented_and_missing": _keys(row.documented),
        "shape": row.shape or None,
        "state": state_text(row.state),
        "raw_state": row.raw_state,
        "is_valid": row.state is not CircuitState.INVALID,
        "since_age_s": seconds(row.since_age_s),
        "failures": row.failures,
        "threshold": row.threshold,
        "successes": row.successes,
        "successes_needed": row.successes_needed,
        "next_probe_s": seconds(row.next_probe_s),
        "ttl_s": seconds(row.ttl_s),
        "problem": row.problem or None,
        "note": row.note or None,
        "service": row.service or None,
        "upstream": row.upstream or None,
        "metric": row.metric or None,
        "raw": [{"name": name, "value": value} for name, value in row.raw],
    }


def _keys(keys: Sequence[KeyName]) -> list[str]:
    return [key.spelled for key in keys]


def as_lines(readings: Sequence[Reading]) -> list[str]:
    """Return a line per server, below it one per breaker, then what is worth saying."""
    lines: list[str] = []
    for one in readings:
        if isinstance(one.view, Circuits):
            rows = one.view.rows
            lines.append(f"{one.spec.server}: {counted(len(rows), 'circuit')}")
            lines += [f"  {line}" for line in aligned([_row(row) for row in rows])]
            lines += [f"  note: {note}" for note in one.view.notes]
        lines += trouble_lines(one)
        lines.append("")
    return lines[:-1]


def _row(row: Circuit) -> tuple[str, ...]:
    state = f"{GLYPHS[_VERDICTS[row.state]]} {state_text(row.state)}"
    since = "" if row.since_age_s is None else f"for {span_words(max(row.since_age_s, 0.0))}"
    failures = "" if row.failures is None else f"failures {_of(row.failures, row.threshold)}"
    keys = ", ".join(key.shown for key in row.keys[:2])
    return (state, row.name, since, failures, _probe(row), keys, row.problem or row.note)


def _of(count: int, whole: int | None) -> str:
    return str(count) if whole is None else f"{count}/{whole}"


def _probe(row: Circuit) -> str:
    if row.next_probe_s is None:
        return ""
    return "next request" if row.next_probe_s <= 0 else f"probe in {span_words(row.next_probe_s)}"
