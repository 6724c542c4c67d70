"""What `quarterdeck keys` prints. Pure; the names in JSON are a contract."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from cli import exits
from cli.as_json import moment
from cli.output import GLYPHS, aligned, hidden
from core.model.key_store import (
    ApiKey,
    KeyAddresses,
    KeyAnalytics,
    KeyStoreView,
    StoreFile,
    StoreState,
)
from core.model.verdict import Verdict

FORMAT = 1
"""Version of the JSON document: grows when a name changes its meaning or goes away."""
_UNKNOWN = "–"
_NO_KEYS = '"keys": []'
_KEYS_A_PART = 500
_WELL = frozenset({StoreState.READ, StoreState.EMPTY})


def exit_code(views: Sequence[KeyStoreView], *, is_info: bool) -> int:
    """Return 0 when nothing is wrong, or the key that is asked for is there, else 1."""
    if is_info:
        found = sum(len(view.keys) for view in views)
        return exits.OK if found == 1 else exits.TROUBLE
    is_well = all(view.state in _WELL and not view.findings and view.loss is None for view in views)
    return exits.OK if is_well and views else exits.TROUBLE


def document_parts(
    views: Sequence[KeyStoreView], verb: str, code: int, most: int | None
) -> Iterator[str]:
    """Yield the JSON document of `keys --json`, a key a line: very many are never held at once.

    Known secrets are hidden in it.
    """
    import json

    stores = [_store_json(view, verb) for view in views]
    document = {"format": FORMAT, "exit_code": code, "stores": stores}
    text = json.dumps(hidden(document), indent=2, allow_nan=False)
    # In a text of the document its quotes would have backslashes.
    before, *behind = text.split(_NO_KEYS)
    encode = json.JSONEncoder(allow_nan=False).encode
    yield before
    for view, rest in zip(views, behind, strict=True):
        yield '"keys": ['
        keys = iter(()) if verb in {"analytics", "breach"} else islice(view.keys, most)
        lines, comma = (encode(hidden(_key_json(key))) for key in keys), ""
        while part := ",\n        ".join(islice(lines, _KEYS_A_PART)):
            yield f"{comma}\n        {part}"
            comma = ","
        yield f"\n      ]{rest}" if comma else f"]{rest}"
    yield "\n"


def _store_json(view: KeyStoreView, verb: str) -> dict[str, object]:
    loss = view.loss
    return {
        "store": view.target,
        "title": view.title,
        "state": str(view.state),
        "why": view.why or None,
        "read_at": moment(view.read_at),
        "key_count": len(view.keys) if view.read_at else None,
        "active_count": view.active_count if view.read_at else None,
        "files": [_file_json(file) for file in view.files],
        "tiers": [{"tier": tier, "quota": quota} for tier, quota in view.tiers],
        "findings": list(view.findings),
        "overdue": view.overdue,
        "loss": None
        if loss is None
        else {
            "noticed": moment(loss.noticed),
            "count": loss.count,
            "short_ids": list(loss.short_ids),
            "backup": loss.backup or None,
        },
        "keys": [],
        "analytics": _analytics_json(view.analytics) if verb in {"analytics", "breach"} else None,
        "note": view.note or None,
    }


def _file_json(file: StoreFile) -> dict[str, object]:
    return {
        "path": file.path,
        "state": str(file.state),
        "why": file.why or None,
        "shape": str(file.shape),
        "keys": file.keys,
        "active": file.active,
        "modified": moment(file.modified),
        "mode": file.mode or None,
        "is_server_file": file.is_server_file,
        "is_bind_mount": file.is_bind_mount,
    }


def _key_json(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.short_id,
        "masked": key.masked,
        "name": key.name or None,
        "tier": key.tier or None,
        "is_tier_known": key.is_tier_known,
        "quota": key.quota,
        "is_active": key.is_active,
        "used_month": key.used_month,
        "used_today": key.used_today,
        "percent": None if key.percent is None else round(key.percent, 2),
        "created": moment(key.created),
        "last_used": moment(key.last_used),
        "expires": moment(key.expires),
        "grace_until": moment(key.grace_until),
        "grace_by": key.grace_by or None,
        "findings": list(key.findings),
        "differs": list(key.differs),
    }


def _analytics_json(seen: KeyAnalytics | None) -> dict[str, object] | None:
    if seen is None:
        return None
    return {
        "total": seen.total,
        "succeeded": seen.succeeded,
        "success_percent": _percent(seen.succeeded, seen.total),
        "p50_ms": seen.p50_ms,
        "p95_ms": seen.p95_ms,
        "p99_ms": seen.p99_ms,
        "endpoints": [
            {
                "endpoint": one.endpoint,
                "count": one.count,
                "failed": one.failed,
                "p50_ms": one.p50_ms,
                "p95_ms": one.p95_ms,
                "p99_ms": one.p99_ms,
            }
            for one in seen.endpoints
        ],
        "by_day": [{"day": day, "count": count} for day, count in seen.by_day],
        "by_hour": list(seen.by_hour),
        "by_key": [
            {"key": name, "count": count, "refused": refused}
            for name, count, refused in seen.by_key
        ],
        "addresses": [
            {"key": one.key, "before": one.before, "new": list(one.new), "new_count": one.new_count}
            for one in seen.addresses
        ],
        "addresses_note": seen.addresses_note or None,
        "note": seen.note or None,
    }


def list_lines(view: KeyStoreView, most: int) -> list[str]:
    """Return a store, its files and keys, and what is wrong."""
    lines = [
        *_head(view),
        *(f"  {line}" for line in aligned([_row(key) for key in view.keys[:most]])),
    ]
    left = len(view.keys) - most
    lines += [f"  and {left:,} more: --limit N"] if left > 0 else []
    return [*lines, ""]


def usage_lines(view: KeyStoreView, most: int) -> list[str]:
    """Return keys by the part of their quota that they have used, the most used first."""
    by_use = sorted(view.keys, key=lambda key: -1.0 if key.percent is None else key.percent)
    tiers = ", ".join(f"{tier} {quota:,}" for tier, quota in view.tiers)
    rows = [_usage_row(key) for key in by_use[::-1][:most]]
    lines = [*_head(view), f"  requests a month: {tiers}"] if tiers else _head(view)
    return [*lines, *(f"  {line}" for line in aligned(rows)), ""]


def info_lines(view: KeyStoreView) -> list[str]:
    """Return all that is known of the keys of a store, which is one where an id is no other's."""
    if not view.keys:
        return [f"{view.target}: no such key", ""]
    count = len(view.keys)
    lines = [f"{view.target}: {count} keys begin like this"] if count > 1 else [f"{view.target}:"]
    for key in view.keys:
        lines += [f"  {line}" for line in aligned(list(_facts(key)))]
    return [*lines, ""]


def analytics_lines(view: KeyStoreView) -> list[str]:
    """Return what the analytics of a store say."""
    seen = view.analytics
    if seen is None:
        return [f"{view.target}: no analytics", ""]
    rate = _percent(seen.succeeded, seen.total)
    good = _UNKNOWN if rate is None else f"{rate:.1f} %"
    lines = [f"{view.target}: {seen.total:,} requests, {good} succeeded, {_times(seen)}"]
    lines += [f"  note: {seen.note}"] if seen.note else []
    rows = [
        (one.endpoint, f"{one.count:,}", f"{one.failed:,} failed", _times(one))
        for one in seen.endpoints
    ]
    rows_by_key = [
        (name, f"{count:,}", f"{refused:,} refused") for name, count, refused in seen.by_key
    ]
    lines += _section("endpoints", aligned(rows)) + _section("keys", aligned(rows_by_key))
    lines += _section("days", aligned([(day, f"{count:,}") for day, count in seen.by_day]))
    if seen.by_hour:
        lines += _section("the last 24 hours, oldest first", [" ".join(map(str, seen.by_hour))])
    return [*lines, ""]


def breach_lines(view: KeyStoreView, most: int) -> list[str]:
    """Return keys as somebody looks at them who fears a breach: refused, from where, how much."""
    seen = view.analytics
    if seen is None:
        return [f"{view.target}: no analytics tell who was refused, and from where", ""]
    lines = [f"{view.target}: keys by refusals (401, 403), new addresses (24 h), requests"]
    lines += (
        [f"  new addresses are not known: {seen.addresses_note}"] if seen.addresses_note else []
    )
    rows = [
        (name, f"{refused:,} refused", _new_addresses(of), f"{count:,} requests")
        for name, count, refused, of in breach_rows(seen)[:most]
    ]
    lines += [f"  {line}" for line in aligned(rows)] or ["  no request had a key"]
    return [*lines, ""]


def breach_rows(seen: KeyAnalytics) -> list[tuple[str, int, int, KeyAddresses | None]]:
    """Return key, requests, refusals and addresses: most refused, then most new addresses first."""
    of = {one.key: one for one in seen.addresses}
    rows = [(name, count, refused, of.get(name)) for name, count, refused in seen.by_key]
    return sorted(rows, key=lambda row: (-row[2], -(row[3].new_count if row[3] else 0), -row[1]))


def _new_addresses(of: KeyAddresses | None) -> str:
    if of is None:
        return _UNKNOWN
    if not of.before:
        return "no older address"
    if not of.new_count:
        return f"0 new, {of.before:,} before"
    more = ", …" if of.new_count > len(of.new) else ""
    return f"{of.new_count:,} new, {of.before:,} before: {', '.join(of.new)}{more}"


def _head(view: KeyStoreView) -> list[str]:
    count = (
        f"{len(view.keys):,} keys, {view.active_count:,} active"
        if view.read_at
        else "keys not known"
    )
    words = str(view.state) if view.state in _WELL else f"{_bad()} {view.state}: {view.why}"
    lines = [f"{view.target}: {count} ({words})"]
    if view.loss is not None:
        absent = view.loss.elsewhere or "no copy has them all"
        copy = f"; {view.loss.backup} has them" if view.loss.backup else f"; {absent}"
        at = f"{view.loss.noticed:%Y-%m-%d %H:%M:%S}Z"
        lines.append(f"  {_bad()} {view.loss.count:,} keys vanished, noticed {at}{copy}")
    lines += [f"  {GLYPHS[Verdict.DEGRADED]} {finding}" for finding in view.findings]
    lines += [f"  {_file_line(file)}" for file in view.files]
    return lines


def _file_line(file: StoreFile) -> str:
    keys = "" if file.keys is None else f", {file.keys:,} keys, {file.active or 0:,} active"
    mode = f", {file.mode}" if file.mode else ""
    server = ", the server reads it" if file.is_server_file else ""
    return f"file: {file.path}: {file.state}{keys}{mode}{server}"


def _row(key: ApiKey) -> tuple[str, ...]:
    quota = _UNKNOWN if key.quota is None else f"{key.quota:,}"
    said = "; ".join((*key.findings, *key.differs))
    return (
        key.short_id, key.masked, "active" if key.is_active else "inactive", key.tier or _UNKNOWN,
        quota, _used(key), _date(key.created), key.name, said,
    )  # fmt: skip


def _usage_row(key: ApiKey) -> tuple[str, ...]:
    percent = _UNKNOWN if key.percent is None else f"{key.percent:.1f} %"
    quota = _UNKNOWN if key.quota is None else f"{key.quota:,}"
    today = _UNKNOWN if key.used_today is None else f"{key.used_today:,} today"
    month = _UNKNOWN if key.used_month is None else f"{key.used_month:,}"
    return (
        key.short_id, key.masked, key.tier or _UNKNOWN, f"{month} of {quota}", percent, today,
        f"last {_time(key.last_used)}",
    )  # fmt: skip


def _facts(key: ApiKey) -> Iterable[tuple[str, str]]:
    quota = _UNKNOWN if key.quota is None else f"{key.quota:,}"
    unknown = "" if key.is_tier_known else " (unknown)"
    yield "key", f"{key.short_id} {key.masked} {key.name}".rstrip()
    yield "active", "yes" if key.is_active else "no"
    yield "tier", f"{key.tier or _UNKNOWN}{unknown}"
    yield "quota", f"{quota} a month"
    yield "used", _used(key)
    yield "today", _UNKNOWN if key.used_today is None else f"{key.used_today:,}"
    yield "last used", _time(key.last_used)
    yield "created", _time(key.created)
    yield "expires", "never" if key.expires is None else _time(key.expires)
    if key.grace_until is not None:
        yield "grace", f"until {_time(key.grace_until)}, by {key.grace_by or 'nothing by itself'}"
    for finding in key.findings:
        yield "finding", finding
    for other in key.differs:
        yield "differs", other


def _used(key: ApiKey) -> str:
    if key.used_month is None:
        return _UNKNOWN
    percent = "" if key.percent is None else f" ({key.percent:.0f} %)"
    return f"{key.used_month:,}{percent}"


def _times(one: object) -> str:
    values = [(name, getattr(one, f"{name}_ms")) for name in ("p50", "p95", "p99")]
    return ", ".join(
        f"{name} {_UNKNOWN if value is None else f'{value:.1f} ms'}" for name, value in values
    )


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"  {title}:", *(f"    {line}" for line in lines)] if lines else []


def _percent(part: int, whole: int) -> float | None:
    return round(100.0 * part / whole, 2) if whole else None


def _date(at: datetime | None) -> str:
    return _UNKNOWN if at is None else f"{at:%Y-%m-%d}"


def _time(at: datetime | None) -> str:
    return _UNKNOWN if at is None else f"{at:%Y-%m-%d %H:%M:%S}Z"


def _bad() -> str:
    return GLYPHS[Verdict.DOWN]
