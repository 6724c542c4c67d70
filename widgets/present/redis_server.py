"""A Redis server as lines: findings first, then figures over time, then what it holds. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.model.redis_figures import RedisFigures
from core.model.redis_server import ServerSample, ServerView, Trouble
from core.model.redis_view import RedisPicture
from core.model.verdict import Verdict
from core.redis.server import telling
from core.redis.server.rates import evictions_per_s, hit_percents
from widgets.present.absence import Absence, absence_line
from widgets.present.chart import bar, sparkline
from widgets.present.durations import short_duration
from widgets.present.fitting import beside, cut, rule, spread, width_of, wrap
from widgets.present.host import share_tone
from widgets.present.line import BLANK, Line, Span, Tone, glyph_of, line, span, tone_of
from widgets.present.numbers import percent_text
from widgets.present.redis_holdings import (
    big_key_lines,
    family_lines,
    latency_lines,
    slow_lines,
    token_lines,
)

_LABEL_CELLS = 13
_VALUE_CELLS = 34
_GAUGE_CELLS = 20
_PAST_CELLS, _LEAST_PAST_CELLS = 60, 8
_TWO_COLUMNS = 140
_GAP = 3

Values = Callable[[Sequence[ServerSample]], tuple[float | None, ...]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its past."""

    name: str
    text: Callable[[RedisFigures, Sequence[ServerSample]], str]
    values: Values


FIGURES = (
    Figure("Hit rate", telling.hits_text, hit_percents),
    Figure("Evicted", telling.evictions_text, evictions_per_s),
    Figure(
        "Clients",
        lambda figures, _: telling.clients_text(figures),
        lambda history: tuple(one.clients for one in history),
    ),
    Figure(
        "Commands",
        lambda figures, _: telling.ops_text(figures),
        lambda history: tuple(one.ops_per_s for one in history),
    ),
)


def server_of(redis: RedisPicture | None, server: str) -> ServerView | None:
    """Return the server that is chosen; the first in trouble, else the first, where none is."""
    if redis is None or not redis.servers:
        return None
    chosen = redis.server(server)
    if chosen is not None:
        return chosen
    return next((one for one in redis.servers if one.trouble or one.findings), redis.servers[0])


def server_verdict(view: ServerView) -> Verdict:
    """Return what is known of a server in one word."""
    if view.trouble is not None or view.failing:
        return Verdict.DOWN
    if view.looked_at_s is None or view.figures is None:
        return Verdict.UNKNOWN
    return Verdict.DEGRADED if view.findings else Verdict.OK


def redis_lines(
    redis: RedisPicture | None, server: str, width: int, *, is_focused: bool = False
) -> tuple[Line, ...]:
    """Return the chosen server; more lines than the room has scroll."""
    view = server_of(redis, server)
    if redis is None or view is None:
        head = rule("Redis", width, is_focused=is_focused)
        if redis is None:
            return (head, absence_line(Absence.LOADING, "servers"))
        return (head, absence_line(Absence.NONE, "servers", "no Redis is configured"))
    lines = [rule(f"Redis {view.server}", width, _number(redis, view), is_focused=is_focused)]
    if len(redis.servers) > 1:
        lines.append(_servers_line(redis, view, width))
    if redis.is_broken:
        lines += wrap("nobody reads Redis any more: a fault of quarterdeck itself", width, 2)
    if view.trouble is not None:
        lines += _trouble_lines(view.trouble, view, redis.now_s, width)
        if view.figures is None:
            return tuple(lines)
    elif view.looked_at_s is None:
        return (*lines, absence_line(Absence.LOADING, "what it says of itself"))
    lines.append(_identity_line(view, redis.now_s, width))
    lines += _finding_lines(view, width)
    lines += _figure_lines(view, width)
    return (*lines, BLANK, *_holdings(view, redis.now_s, width))


def _number(redis: RedisPicture, view: ServerView) -> str:
    if len(redis.servers) < 2:
        return ""
    at = [one.server for one in redis.servers].index(view.server) + 1
    return f"{at} of {len(redis.servers)}  ] next"


def _servers_line(redis: RedisPicture, view: ServerView, width: int) -> Line:
    """Return all servers with their verdict, the chosen one marked."""
    parts: list[Span] = []
    names = [one.server for one in redis.servers]
    # Each name with its shape and the gaps; where they do not fit, the chosen one leads.
    is_long = sum(len(name) + 5 for name in names) > width
    begin = names.index(view.server) if is_long else 0
    if begin:
        parts.append(span("… ", Tone.DIM))
    for one in redis.servers[begin:]:
        verdict = server_verdict(one)
        is_here = one.server == view.server
        name = span(one.server)
        parts.append(Span(glyph_of(verdict), tone_of(verdict)))
        parts.append(span(" "))
        parts.append(Span(name.text, Tone.ACCENT if is_here else Tone.DIM, is_here, is_here))
        parts.append(span("   "))
    return cut(tuple(parts[:-1]), width)


def _trouble_lines(trouble: Trouble, view: ServerView, now_s: float, width: int) -> list[Line]:
    """Return why it cannot be read, what to do, and how old the rest is."""
    down = tone_of(Verdict.DOWN)
    # What was said begins with the word already, where the server said it.
    is_told = trouble.text.startswith(trouble.word)
    text = trouble.text if is_told else f"{trouble.word}: {trouble.text}"
    lines = _pointed(glyph_of(Verdict.DOWN), text, width, down)
    if trouble.remedy:
        lines += _pointed("→", trouble.remedy, width, Tone.PLAIN)
    if view.figures is not None and view.looked_at_s is not None:
        age = short_duration(now_s - view.looked_at_s)
        lines += _pointed("▲", f"what follows is {age} old", width, Tone.DEGRADED)
    return lines


def _identity_line(view: ServerView, now_s: float, width: int) -> Line:
    who, figures = view.identity, view.figures
    uptime = figures.uptime_s if figures else None
    parts = [
        (figures.product if figures else "") or (who.version if who else ""),
        who.role if who else "",
        who.mode if who else "",
        f"db{who.database}" if who else "",
        f"user {who.user}" if who and who.user else "",
        f"up {short_duration(uptime)}" if uptime is not None else "",
    ]
    text = ", ".join(part for part in parts if part)
    if view.busy:
        return spread(line(text), line(span(f"{view.busy}…", Tone.ACCENT)), width)
    looked_at_s = now_s if view.looked_at_s is None else view.looked_at_s
    age = f"looked at {short_duration(now_s - looked_at_s)} ago"
    return spread(line(text), line(span(age, Tone.DIM)), width)


def _finding_lines(view: ServerView, width: int) -> list[Line]:
    """Return what is wrong, what only warns, and what is good to know."""
    lines: list[Line] = []
    for place, text in enumerate(view.findings):
        verdict = Verdict.DOWN if place < view.failing else Verdict.DEGRADED
        lines += _pointed(glyph_of(verdict), text, width, tone_of(verdict))
    if not view.findings and view.figures is not None:
        ok = Verdict.OK
        lines.append(line(span(f"{glyph_of(ok)} nothing is wrong with it", tone_of(ok))))
    if view.figures is None:
        lines.append(absence_line(Absence.UNREACHABLE, "figures", "INFO is not allowed to us"))
    for text in view.notes:
        lines += _pointed("·", text, width, Tone.DIM)
    if view.refused:
        lines += _pointed("·", f"not allowed to our user: {view.refused}", width, Tone.DIM)
    return lines


def _pointed(point: str, text: str, width: int, tone: Tone) -> list[Line]:
    """Return a text behind a point; its further lines are set in."""
    wrapped = wrap(text, width - 2, 3, tone)
    return [(span("  " if at else f"{point} ", tone), *part) for at, part in enumerate(wrapped)]


def _figure_lines(view: ServerView, width: int) -> list[Line]:
    figures, history = view.figures, view.history
    if figures is None:
        return []
    lines = [BLANK, *_memory_lines(figures, width)]
    texts = [one.text(figures, history) for one in FIGURES]
    cells = max(_VALUE_CELLS, *(len(text) for text in texts))
    for one, text in zip(FIGURES, texts, strict=True):
        head = (span(one.name.ljust(_LABEL_CELLS), Tone.LABEL), span(text.ljust(cells)))
        lines.append(_drawn(head, one.values(history), width))
    now_s = view.identity.now_s if view.identity else None
    rule_text = view.settings.get("save")
    rows = [
        ("Disk", telling.disk_text(figures, now_s, rule_text)),
        ("Replication", telling.replication_text(figures)),
        ("Keys", telling.databases_text(figures, view.keys)),
    ]
    if view.load is not None:
        rows.append(("Our own cost", telling.load_text(view.load)))
    for name, text in rows:
        wrapped = wrap(text, width - _LABEL_CELLS, 2)
        lines += [
            (span(("" if at else name).ljust(_LABEL_CELLS), Tone.LABEL), *part)
            for at, part in enumerate(wrapped)
        ]
    return lines


def _memory_lines(figures: RedisFigures, width: int) -> tuple[Line, ...]:
    """Return used against maximum as a gauge; where there is no maximum, no gauge."""
    memory, label = figures.memory, span("Memory".ljust(_LABEL_CELLS), Tone.LABEL)
    note = telling.memory_note(memory)
    percent = memory.percent
    text = telling.used_text(memory)
    if percent is None:
        return (cut((label, span(text), span(f"  {note}", Tone.DIM)), width),)
    tone = share_tone(percent)
    word = {Tone.DOWN: " FULL" if percent >= 100 else " nearly full", Tone.DEGRADED: " high"}
    drawn = bar(min(1.0, percent / 100), min(_GAUGE_CELLS, max(6, width - 60)), tone)
    share = Span(span(f" {percent_text(percent)}").text, tone, tone is not Tone.ACCENT)
    mark = span(word.get(tone, ""), tone, bold=True)
    head = (label, *drawn, share, mark, span(f"  {text}"))
    room = width - width_of(head)
    if len(note) + 2 <= room:
        return ((*head, span(f"  {note}", Tone.DIM)),)
    return (cut(head, width), cut(_indented(note), width))


def _indented(note: str) -> Line:
    return line(span(" " * _LABEL_CELLS + note, Tone.DIM))


def _drawn(head: Line, values: Sequence[float | None], width: int) -> Line:
    """Return a figure in words with its past beside it, where there is room."""
    cells = min(_PAST_CELLS, width - width_of(head) - 2)
    past = sparkline(values, cells) if cells >= _LEAST_PAST_CELLS and len(values) > 1 else ()
    return cut((*head, span("  "), *past), width)


def _holdings(view: ServerView, now_s: float, width: int) -> tuple[Line, ...]:
    """Return what it holds, in two columns where there is room."""
    is_wide = width >= _TWO_COLUMNS
    cells = (width - _GAP) // 2 if is_wide else width
    families = _apart(family_lines(view, now_s, cells), big_key_lines(view.census, cells))
    others = _apart(
        slow_lines(view, cells),
        token_lines(view.tokens, now_s, cells),
        latency_lines(view.latency, cells),
    )
    return beside(families, others, cells, _GAP) if is_wide else _apart(families, others)


def _apart(*blocks: Sequence[Line]) -> tuple[Line, ...]:
    """Return blocks with a blank line between those that there are."""
    lines: list[Line] = []
    for block in blocks:
        lines += [BLANK, *block] if lines and block else block
    return tuple(lines)
