"""The long parts of `quarterdeck redis`, as lines for a person. Pure."""

from collections.abc import Sequence

from cli.output import aligned
from core.model.redis_server import Census, LatencyWindow, SlowCommand, Tokens
from core.redis.server import telling
from core.redis.server.tokens import masked_token, shown_key
from core.redis.server.words import short_span, size_text

_TOKENS_SHOWN = 50
_FAMILIES_SHOWN = 40


def slow_lines(slow: Sequence[SlowCommand] | None) -> list[str]:
    """Return the slow log, the newest first."""
    if slow is None:
        return ["slow log: not allowed to us"]
    if not slow:
        return ["slow log: none"]
    rows = [
        (f"{one.took_us / 1000:.1f} ms", f"{short_span(max(0.0, one.age_s))} ago", one.client,
         one.command)
        for one in slow
    ]  # fmt: skip
    return ["slow log:", *(f"  {line}" for line in aligned(rows))]


def latency_lines(windows: Sequence[LatencyWindow]) -> list[str]:
    """Return the windows of pings."""
    if not windows:
        return ["latency: none"]
    rows = [("MIN", "AVG", "MAX", "PINGS")]
    rows += [
        (f"{one.min_ms:.2f} ms", f"{one.avg_ms:.2f} ms", f"{one.max_ms:.2f} ms", str(one.count))
        for one in windows
    ]
    return ["latency (round trips from here):", *(f"  {line}" for line in aligned(rows))]


def census_lines(census: Census | None) -> list[str]:
    """Return the keys by family, the largest first."""
    if census is None:
        return ["keys by family: not allowed to us"]
    lines = [f"keys by family: {telling.progress_text(census.progress, 'key')}"]
    rows = [("FAMILY", "KEYS", "TYPE", "NO TTL", "MEMORY", "MEANING")]
    rows += [
        (
            one.prefix,
            telling.count_of_family(one),
            telling.kinds_of_family(one),
            telling.share_of_family(one),
            "?" if one.memory_bytes is None else f"≈ {size_text(one.memory_bytes)}",
            one.meaning or "-",
        )
        for one in census.families[:_FAMILIES_SHOWN]
    ]
    if census.families:
        lines += [f"  {line}" for line in aligned(rows)]
    shown = sum(one.count for one in census.families[:_FAMILIES_SHOWN])
    rest = census.progress.examined - shown
    if rest > 0:
        lines.append(f"  and {rest:,} keys in other families")
    if census.big_keys:
        lines.append(f"largest of {census.weighed:,} keys that were weighed:")
        big = [
            (size_text(one.memory_bytes), one.kind, shown_key(one.key, is_token=one.is_token))
            for one in census.big_keys
        ]
        lines += [f"  {line}" for line in aligned(big)]
    return lines


def token_lines(tokens: Tokens | None) -> list[str]:
    """Return the tokens, those that never expire first."""
    if tokens is None or not tokens.patterns:
        return ["tokens: the profile names none"]
    lines = [f"tokens: {telling.progress_text(tokens.progress, 'token')}"]
    lines += [f"  note: {note}" for note in tokens.notes]
    rows = [
        (
            "no TTL" if one.ttl_s is None else f"{short_span(one.ttl_s)} left",
            masked_token(one.key),
            one.kind,
            one.owner or "owner not told",
        )
        for one in tokens.rows[:_TOKENS_SHOWN]
    ]
    lines += [f"  {line}" for line in aligned(rows)]
    if tokens.counted > len(rows):
        lines.append(f"  and {tokens.counted - len(rows):,} more")
    return lines
