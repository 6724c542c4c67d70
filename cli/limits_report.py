"""What `quarterdeck limits` prints. Pure; the names in JSON are a contract."""

from collections.abc import Sequence

from cli import exits
from cli.output import GLYPHS, aligned
from cli.record_values import age, progress_json, seconds, trouble_json, trouble_lines
from cli.redis_reading import Reading
from core.model.limit import LimitRow, Limits
from core.model.verdict import Verdict
from core.redis.streams.words import counted, span_words

FORMAT = 1
"""Version of the JSON document: grows when a name changes its meaning or goes away."""
_UNKNOWN = "–"


def exit_code(readings: Sequence[Reading]) -> int:
    """Return 0 when nobody is limited, 3 when no server answered, else 1."""
    if all(one.trouble is not None for one in readings):
        return exits.UNREACHED
    views = [one.view for one in readings if isinstance(one.view, Limits)]
    is_bad = len(views) < len(readings) or any(view.limited for view in views)
    return exits.TROUBLE if is_bad else exits.OK


def as_document(
    readings: Sequence[Reading], code: int, *, is_limited: bool, most: int | None
) -> dict[str, object]:
    """Return the JSON document of `limits --json`."""
    rows = [row for one in readings for row in rows_of(one, is_limited=is_limited, most=most)]
    return {
        "format": FORMAT,
        "exit_code": code,
        "servers": [_server_json(one) for one in readings],
        "limits": [limit_json(row) for row in rows],
    }


def rows_of(reading: Reading, *, is_limited: bool, most: int | None) -> list[LimitRow]:
    """Return the rows that are asked for."""
    view = reading.view
    if not isinstance(view, Limits):
        return []
    return [row for row in view.rows if not is_limited or row.is_limited or row.was_exhausted][
        :most
    ]


def _server_json(reading: Reading) -> dict[str, object]:
    view = reading.view if isinstance(reading.view, Limits) else None
    return {
        "server": reading.spec.server,
        "trouble": trouble_json(reading.trouble),
        "counted": view.counted if view else None,
        "read": view.read if view else None,
        "limited": view.limited if view else None,
        "exhausted": view.exhausted if view else None,
        "invalid": view.invalid if view else None,
        "progress": progress_json(view.progress) if view else None,
        "patterns": [{"pattern": one, "count": count} for one, count in view.patterns]
        if view
        else [],
        "notes": list(view.notes) if view else [],
    }


def limit_json(row: LimitRow) -> dict[str, object]:
    """Return one record; what is not known is null."""
    return {
        "server": row.server,
        "configured_as": row.spec_name or None,
        "client": row.client,
        "keys": [key.spelled for key in row.keys],
        "shape": str(row.shape),
        "tokens_now": None if row.tokens_now is None else round(row.tokens_now, 3),
        "tokens_stored": row.tokens_stored,
        "capacity": row.capacity,
        "refill_per_s": row.refill_per_s,
        "last_seen_age_s": seconds(row.last_seen_age_s),
        "retry_after_s": seconds(row.retry_after_s),
        "ttl_s": seconds(row.ttl_s),
        "is_limited": row.is_limited,
        "was_exhausted": row.was_exhausted,
        "is_valid": not row.problem,
        "problem": row.problem or None,
        "note": row.note or None,
        "rejections_per_min": seconds(row.rejections_per_min),
        "rejections_by": row.rejections_by or None,
        "rejections_told": row.rejections_told or None,
        "raw": [{"name": name, "value": value} for name, value in row.raw],
    }


def as_lines(readings: Sequence[Reading], *, is_limited: bool, most: int) -> list[str]:
    """Return a line per server, below it one per record, then what is worth saying."""
    lines: list[str] = []
    for one in readings:
        if isinstance(one.view, Limits):
            rows = rows_of(one, is_limited=is_limited, most=most)
            lines.append(f"{one.spec.server}: {_found(one.view)}")
            lines += [f"  {line}" for line in aligned([_row(row) for row in rows])]
            left = len(rows_of(one, is_limited=is_limited, most=None)) - len(rows)
            lines += [f"  and {left:,} more: --limit N"] if left else []
            lines += [f"  note: {note}" for note in one.view.notes]
        lines += trouble_lines(one)
        lines.append("")
    return lines[:-1]


def _found(view: Limits) -> str:
    about = "" if view.progress.is_complete else "≈"
    text = f"{about}{counted(view.counted, 'record')}, {about}{view.limited:,} limited now"
    text += f", {about}{view.exhausted:,} with nothing left when last seen"
    if view.invalid:
        text += f", {about}{view.invalid:,} invalid"
    if view.progress.is_complete:
        return text
    return f"{text}; {view.read:,} of them read in {view.progress.elapsed_s:.0f} s"


def _row(row: LimitRow) -> tuple[str, ...]:
    capacity = _UNKNOWN if row.capacity is None else f"{row.capacity:,g}"
    refill = "" if row.refill_per_s is None else f"{row.refill_per_s:,g}/s"
    if row.tokens_now is None:
        tokens = f"wrote {row.tokens_stored}" if row.tokens_stored else _UNKNOWN
    else:
        tokens = f"{row.tokens_now:,.1f} of {capacity}"
    seen = "" if row.last_seen_age_s is None else f"seen {age(row.last_seen_age_s)}"
    ttl = "no end" if row.ttl_s is None else f"ends in {span_words(row.ttl_s)}"
    last = row.problem or row.note or str(row.shape)
    refused = _refused(row)
    return (_state(row), row.client, tokens, refill, seen, _retry(row), ttl, refused, last)


def _refused(row: LimitRow) -> str:
    if row.rejections_per_min is None:
        return ""
    return f"{row.rejections_per_min:,.1f} refused/min ({row.rejections_by})"


def _state(row: LimitRow) -> str:
    if row.problem:
        return f"{GLYPHS[Verdict.UNKNOWN]} invalid"
    if row.is_limited:
        return f"{GLYPHS[Verdict.DOWN]} limited"
    if row.was_exhausted:
        return f"{GLYPHS[Verdict.DEGRADED]} ran dry"
    if row.is_limited is None:
        return f"{GLYPHS[Verdict.UNKNOWN]} unknown"
    return f"{GLYPHS[Verdict.OK]} passes"


def _retry(row: LimitRow) -> str:
    if not row.is_limited:
        return ""
    if row.retry_after_s is None:
        return "retry: not known"
    return f"retry in {row.retry_after_s:.1f} s"
