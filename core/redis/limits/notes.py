"""What is worth saying of a server's limits as a whole. Pure."""

from collections.abc import Mapping, Sequence

from core.model.limit import LimitRow
from core.model.redis_spec import LimitSpec
from core.model.text import SafeText, clean


def limit_notes(
    specs: Sequence[LimitSpec],
    by_pattern: Sequence[tuple[str, int]],
    rows: Sequence[LimitRow],
    *,
    is_over: bool,
) -> tuple[SafeText, ...]:
    """Return notes; what is said of keys that are not there is said once all were come by."""
    counts = dict(by_pattern)
    notes: list[SafeText] = []
    if is_over:
        for spec in specs:
            notes += _of_spec(spec, counts)
        notes += _unconfigured(specs, counts)
    notes += _forever(rows)
    return tuple(notes)


def reading_notes(reads_singly: SafeText) -> tuple[SafeText, ...]:
    """Return why reading all of many records takes long, if it does."""
    return (clean(f"reads one record at a time: {reads_singly}"),) if reads_singly else ()


def _of_spec(spec: LimitSpec, counts: Mapping[str, int]) -> list[SafeText]:
    found = [(pattern, counts.get(pattern, 0)) for pattern in spec.keys]
    real = [f"{pattern} ({count})" for pattern, count in found if count]
    if not real:
        return [clean(f"{spec.name}: no records at {', '.join(spec.keys)}: 0 clients")]
    documented, count = found[0]
    if count:
        return []
    return [clean(f"{spec.name}: nothing at {documented} as documented; in use: {', '.join(real)}")]


def _unconfigured(specs: Sequence[LimitSpec], counts: Mapping[str, int]) -> list[SafeText]:
    configured = {pattern for spec in specs for pattern in spec.keys}
    return [
        clean(f"found, not configured: {pattern} ({count})")
        for pattern, count in counts.items()
        if count and pattern not in configured
    ]


def _forever(rows: Sequence[LimitRow]) -> list[SafeText]:
    count = sum(row.ttl_s is None for row in rows)
    return [clean(f"{count} of the records shown never expire")] if count else []
