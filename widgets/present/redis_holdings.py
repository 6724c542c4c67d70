"""What a Redis server holds and what kept it busy, as lines: families, slow log, tokens. Pure."""

from collections.abc import Sequence

from core.model.redis_server import Census, KeyFamily, LatencyWindow, ServerView, Tokens
from core.model.stream import Progress
from core.redis.server import telling
from core.redis.server.tokens import masked_token, shown_key
from core.redis.server.words import size_text
from widgets.present.absence import Absence, absence_line
from widgets.present.chart import bar
from widgets.present.durations import short_duration
from widgets.present.fitting import cut, cut_text, fit, rule, wrap
from widgets.present.line import Line, Tone, line, span

FAMILIES_SHOWN, BIG_KEYS_SHOWN, SLOW_SHOWN, WINDOWS_SHOWN, TOKENS_SHOWN = 12, 8, 10, 8, 12
_COUNT_CELLS, _KIND_CELLS, _TTL_CELLS, _MEMORY_CELLS = 12, 9, 10, 11
_BAR_CELLS = 16


def family_lines(view: ServerView, now_s: float, width: int) -> list[Line]:
    """Return the keys by family, the largest first."""
    census = view.census
    note = "" if census is None or census.at_s is None else f"{_ago(now_s - census.at_s)}  "
    lines = [rule("Keys by family", width, f"{note}c: count all")]
    if census is None and "SCAN" in view.refused:
        return [*lines, absence_line(Absence.UNREACHABLE, "", "SCAN is not allowed to us")]
    if census is None:
        return [*lines, absence_line(Absence.LOADING)]
    if not census.families:
        return [*lines, absence_line(Absence.NONE, "", "the database has no keys")]
    lines.append(_progress_line(census.progress, "key", width))
    name_cells = min(30, max(12, width - 62))
    has_meaning = width - name_cells > 58
    head = _family_row("FAMILY", "KEYS", "TYPE", "NO TTL", "MEMORY", name_cells)
    lines.append(
        cut((span(head, Tone.DIM), span("MEANING" if has_meaning else "", Tone.DIM)), width)
    )
    for one in census.families[:FAMILIES_SHOWN]:
        memory = "?" if one.memory_bytes is None else f"≈ {size_text(one.memory_bytes)}"
        row = _family_row(
            one.prefix,
            telling.count_of_family(one),
            telling.kinds_of_family(one),
            telling.share_of_family(one),
            memory,
            name_cells,
        )
        lines.append(cut((span(row, _family_tone(one)), span(one.meaning, Tone.ACCENT)), width))
    rest = census.progress.examined - sum(one.count for one in census.families[:FAMILIES_SHOWN])
    if rest > 0:
        lines.append(line(span(f"and {rest:,} keys in other families", Tone.DIM)))
    return lines


def _family_row(name: str, count: str, kind: str, no_ttl: str, memory: str, name_cells: int) -> str:
    return (
        f"{cut_text(name, name_cells):<{name_cells}} {count:>{_COUNT_CELLS}}  "
        f"{cut_text(kind, _KIND_CELLS):<{_KIND_CELLS}} {no_ttl:>{_TTL_CELLS}} "
        f"{memory:>{_MEMORY_CELLS}}  "
    )


def _family_tone(family: KeyFamily) -> Tone:
    return Tone.DEGRADED if family.is_token and family.without_ttl else Tone.PLAIN


def _progress_line(progress: Progress, noun: str, width: int) -> Line:
    """Return how far a count came; a bar while it is not complete and its end is known."""
    text = telling.progress_text(progress, noun)
    if progress.is_complete or not progress.total:
        return cut(line(span(text, Tone.DIM)), width)
    drawn = bar(min(1.0, progress.examined / progress.total), _BAR_CELLS)
    return cut((*drawn, span(f" {text}", Tone.DIM)), width)


def big_key_lines(census: Census | None, width: int) -> list[Line]:
    """Return the largest keys of those that were weighed."""
    if census is None or not census.big_keys:
        return []
    lines = [rule("Largest keys", width, f"of {census.weighed:,} that were weighed")]
    for one in census.big_keys[:BIG_KEYS_SHOWN]:
        ttl = "no TTL" if one.ttl_s is None else f"{short_duration(one.ttl_s)} left"
        head = f"{size_text(one.memory_bytes):>11}  {cut_text(one.kind, 8):<8} {ttl:>10}  "
        name = shown_key(one.key, is_token=one.is_token)
        lines.append(cut(line(span(head, Tone.DIM), name), width))
    return lines


def slow_lines(view: ServerView, width: int) -> list[Line]:
    """Return the newest slow commands."""
    threshold = view.settings.get("slowlog-log-slower-than", "")
    lines = [rule("Slow log", width, _threshold_text(threshold))]
    if view.slow is None:
        return [*lines, absence_line(Absence.UNREACHABLE, "", "SLOWLOG is not allowed to us")]
    if not view.slow:
        return [*lines, absence_line(Absence.NONE)]
    for one in view.slow[:SLOW_SHOWN]:
        head = f"{one.took_us / 1000:>9,.1f} ms  {_ago(one.age_s):>9}  "
        lines.append(cut(line(span(head, Tone.DIM), one.command), width))
    if len(view.slow) > SLOW_SHOWN:
        lines.append(line(span(f"and {len(view.slow) - SLOW_SHOWN} more", Tone.DIM)))
    return lines


def _threshold_text(threshold: str) -> str:
    """Return from how long on the server writes a command down."""
    if not threshold.lstrip("-").isdecimal():
        return ""
    limit_us = int(threshold)
    return "switched off" if limit_us < 0 else f"commands over {limit_us / 1000:g} ms"


def latency_lines(windows: Sequence[LatencyWindow], width: int) -> list[Line]:
    """Return the newest windows of pings, the newest first."""
    lines = [rule("Latency", width, "m: sample for 5 s")]
    if not windows:
        return [*lines, absence_line(Absence.NONE, "", "nobody sampled it yet")]
    row = "{:>10} {:>10} {:>10} {:>7}  {}"
    head = row.format("MIN", "AVG", "MAX", "PINGS", "")
    lines.append(cut(line(span(head, Tone.DIM)), width))
    for one in reversed(windows[-WINDOWS_SHOWN:]):
        texts = (f"{value:.2f} ms" for value in (one.min_ms, one.avg_ms, one.max_ms))
        lines.append(cut(line(row.format(*texts, one.count, _ago(one.age_s))), width))
    return lines


def token_lines(tokens: Tokens | None, now_s: float, width: int) -> list[Line]:
    """Return the tokens that the profile names, those that never expire first."""
    if tokens is None or not tokens.patterns:
        return []
    note = "" if tokens.at_s is None else f"{_ago(now_s - tokens.at_s)}  "
    lines = [rule("Tokens", width, f"{note}t: find all")]
    for text in tokens.notes:
        lines += wrap(f"· {text}", width, 2, Tone.DEGRADED)
    lines.append(_progress_line(tokens.progress, "token", width))
    for one in tokens.rows[:TOKENS_SHOWN]:
        is_for_good = one.ttl_s is None
        ttl = "no TTL" if one.ttl_s is None else f"{short_duration(one.ttl_s)} left"
        tone = Tone.DEGRADED if is_for_good else Tone.PLAIN
        name = fit((span(masked_token(one.key)),), min(36, max(16, width - 40)))
        owner = span(f"  {one.owner}" if one.owner else "  owner not told", Tone.DIM)
        lines.append(cut((span(f"{ttl:>10}  ", tone), *name, owner), width))
    if tokens.counted > TOKENS_SHOWN:
        lines.append(line(span(f"and {tokens.counted - TOKENS_SHOWN:,} more", Tone.DIM)))
    return lines


def _ago(seconds: float) -> str:
    return "now" if seconds < 1 else f"{short_duration(seconds)} ago"
