"""The Overview's cards: one block of lines per system, and the headline above them. Pure.

A card keeps its place whatever its verdict: eyes find it where it was. Trouble is a field of
colour with a word in it, health is plain text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.model.verdict import Verdict
from core.model.views import CheckView, ServiceView, SystemView
from widgets.present.chart import sparkline, strip
from widgets.present.durations import ago_text, clock_text, since_text
from widgets.present.fitting import cut, fit, spread, width_of
from widgets.present.line import BLANK, Line, Span, Tone, glyph_of, line, span, tone_of
from widgets.present.numbers import latency_text, plural
from widgets.present.resample import slice_s, worst_per_slice
from widgets.present.services import chip, latencies, roots_first, timed_check, trouble_lines
from widgets.present.verdicts import (
    BADGE_CELLS,
    badge,
    block,
    counts_line,
    is_loading,
    is_trouble,
    word_of,
)

CARD_ROWS = (8, 7, 6, 5, 4, 3, 2)
"""Heights a card can take, preferred first."""
HISTORY_S = 600
"""How far back a card's history strip reaches."""
_CURSOR_CELLS = 2
_STRIP_CELLS = 40


@dataclass(frozen=True, slots=True)
class Spot:
    """What the cursor is on: a system, or a service of it."""

    system: str
    service: str = ""


def rows_per_card(systems: int, height: int) -> int:
    """Return the tallest card height with which all systems fit; the smallest if none does."""
    for rows in CARD_ROWS:
        if rows * systems <= height:
            return rows
    return CARD_ROWS[-1]


def card(view: SystemView, width: int, rows: int, now: datetime, spot: Spot | None) -> list[Line]:
    """Return one system in exactly `rows` lines; a tall card's last line is blank.

    Args:
        view: The system.
        width: Cells of each line.
        rows: 2 to 8.
        now: The present moment.
        spot: Where the cursor is; None when it is not shown.
    """
    is_here = spot is not None and spot.system == view.spec.name
    service = spot.service if spot is not None and is_here else ""
    inner = width - _CURSOR_CELLS - BADGE_CELLS - 1
    bodies = _bodies(view, inner, rows - 1 if rows >= 4 else rows, now, service)
    lines: list[Line] = []
    for number, body in enumerate(bodies):
        lines.append((_margin(is_here), _field(view, number), span(" "), *cut(body, inner)))
    if rows >= 4:
        lines.append(BLANK)
    return lines


def _margin(is_here: bool) -> Span:
    return Span(span("▌ ").text, Tone.ACCENT, True) if is_here else span("  ")


def _field(view: SystemView, number: int) -> Span:
    """Return the verdict's field beside one line of a card."""
    if number == 0:
        return badge(view.verdict, loading=is_loading(view))
    return block(view.verdict, BADGE_CELLS, loading=is_loading(view))


def _bodies(
    view: SystemView, width: int, rows: int, now: datetime, service: str
) -> tuple[Line, ...]:
    """Return what a card says beside its field, the most important first, in `rows` lines."""
    if rows <= 2:
        return (_title(view, width, now, has_beat=True), cut(_gist(view, now), width))
    tail = [activity(view, width, now)] if rows >= 4 else []
    chips = _chips(view, width, 2 if rows >= 7 else 1, service)
    room = rows - 1 - len(chips) - len(tail)
    reasons = _reasons(view, width, room, now)
    if len(reasons) < room:
        tail.append(cut(_last(view, now), width))
    lines = [_title(view, width, now, has_beat=rows < 4), *reasons, *chips, *tail]
    return (*lines, *([BLANK] * (rows - len(lines))))


def _title(view: SystemView, width: int, now: datetime, *, has_beat: bool) -> Line:
    """Return the name, for how long, and the services counted."""
    name = Span(span(view.spec.name).text, Tone.TITLE, True)
    if is_loading(view):
        return spread((name,), line(span("loading…", Tone.DIM)), width)
    tone = Tone.PLAIN if is_trouble(view) else Tone.DIM
    since = f"  {since_text(view.since, now)}" if view.since else ""
    moment = f"  since {clock_text(view.since, now)}" if view.since and width >= 76 else ""
    left = (name, span(since, tone, bold=is_trouble(view)), span(moment, Tone.DIM))
    right = counts_line(view.counts)
    check = system_timed_check(view)
    if has_beat and check is not None and width >= 52:
        beat = sparkline(latencies(check, 10), 10, Tone.ACCENT)
        right = (*right, span("  "), *beat, span(latency_text(check.latency_s).rjust(8), Tone.DIM))
    return spread(left, right, width)


def _gist(view: SystemView, now: datetime) -> Line:
    """Return the one line that matters most: what is wrong, else what happened last."""
    if is_trouble(view):
        return line(span(view.reason))
    return _last(view, now)


def _last(view: SystemView, now: datetime) -> Line:
    """Return what happened here last."""
    if view.last_note_at is None:
        what = "waiting for the first answers" if is_loading(view) else "no change seen yet"
        return line(span(what, Tone.DIM))
    ago = ago_text(view.last_note_at, now)
    return line(span(f"last, {ago}: ", Tone.DIM), span(view.last_note, Tone.DIM))


def _reasons(view: SystemView, width: int, rows: int, now: datetime) -> list[Line]:
    """Return the services in trouble, causes first; with one row, the root trouble alone."""
    troubled = roots_first(view.services)
    if not troubled or rows <= 0:
        return [line(span(_well(view), Tone.DIM))] if rows > 0 else []
    cells = min(24, max(len(str(one.spec.id.service)) for one in troubled))
    shown = troubled[:rows]
    hidden = len(troubled) - len(shown)
    spare = 1 + rows - len(shown)
    lines: list[Line] = []
    for one in shown:
        rest = hidden if one is shown[-1] else 0
        lines += trouble_lines(
            one,
            width,
            cells,
            now,
            rows=spare if not lines else 1,
            hidden=rest,
            told_since=view.since,
        )
    return lines


def _well(view: SystemView) -> str:
    if is_loading(view):
        return f"{plural(len(view.services), 'service')}, none looked at yet"
    checks = sum(len(one.checks) for one in view.services)
    return f"{plural(len(view.services), 'service')}, {plural(checks, 'check')}: all well"


def _chips(view: SystemView, width: int, rows: int, selected: str) -> list[Line]:
    """Return the services in the order of the configuration, with the selected one in sight."""
    chips = [
        (one.spec.id.service, chip(one, is_selected=one.spec.id.service == selected))
        for one in view.services
    ]
    start = 0
    while True:
        lines, shown = _flow([item for _, item in chips[start:]], width, rows)
        names = [name for name, _ in chips[start : start + shown]]
        if not selected or selected in names or start + shown >= len(chips):
            break
        start += 1
    if start:
        lines[0] = cut((span("‹ ", Tone.DIM), *lines[0]), width)
    return lines


def _flow(items: Sequence[Line], width: int, rows: int) -> tuple[list[Line], int]:
    """Lay items out in rows; return the lines and how many items are in them."""
    lines: list[Line] = []
    current: Line = BLANK
    shown = 0
    more_cells = 6
    for index, item in enumerate(items):
        gap = (span("   "),) if current else ()
        is_last_row = len(lines) == rows - 1
        room = width - (more_cells if is_last_row and index < len(items) - 1 else 0)
        if width_of((*current, *gap, *item)) <= room or not current:
            current = (*current, *gap, *item)
            shown += 1
            continue
        if is_last_row:
            current = (*current, span(f"  +{len(items) - shown}", Tone.DIM))
            break
        lines.append(current)
        current = item
        shown += 1
    lines.append(cut(current, width))
    return lines, shown


def activity(view: SystemView, width: int, now: datetime) -> Line:
    """Return the last ten minutes: worst verdict over time, and the latency that is drawn."""
    cells = min(_STRIP_CELLS, max(10, width // 3))
    left: Line = (span("10 min ", Tone.DIM), *strip(worst_over_time(view, cells, now), cells))
    check = system_timed_check(view)
    if check is None:
        return cut(left, width)
    beats = max(10, min(_STRIP_CELLS, width - cells - 40))
    drawn = sparkline(latencies(check, beats), beats, Tone.ACCENT)
    now_text = f" {latency_text(check.latency_s)}"
    told = (*left, span("   "), *drawn, span(now_text))
    more = (f"  p95 {latency_text(check.p95_s)}", f"  {check.spec.id.service.service}")
    for text in more:
        if width_of(told) + len(text) > width:
            break
        told = (*told, span(text, Tone.DIM))
    return cut(told, width)


def system_timed_check(view: SystemView) -> CheckView | None:
    """Return the first timed check of a system's own services."""
    for service in view.services:
        check = None if service.spec.is_outside else timed_check(service)
        if check is not None:
            return check
    return None


def worst_over_time(view: SystemView, cells: int, now: datetime) -> tuple[Verdict | None, ...]:
    """Return the worst verdict of a system's own checks per slice of the last ten minutes.

    Oldest first; None where nothing was probed in that slice.
    """
    step_s = slice_s(HISTORY_S, cells)
    merged: list[Verdict | None] = [None] * cells
    for service in view.services:
        if service.spec.is_outside:
            continue
        for check in service.checks:
            if check.status is None:
                continue
            probes = reversed(check.status.history)
            carry_s = check.spec.every_s + check.spec.timeout_s
            for index, one in enumerate(worst_per_slice(probes, cells, step_s, now, carry_s)):
                known = merged[index]
                if one is not None and (known is None or one.rank > known.rank):
                    merged[index] = one
    return tuple(merged)


def headline(systems: Sequence[SystemView], width: int, rows: int, now: datetime) -> list[Line]:
    """Return the answer to "is anything wrong": one line, or a bar three lines tall."""
    troubled = sorted(
        (view for view in systems if is_trouble(view)), key=lambda view: -view.verdict.rank
    )
    if not troubled:
        text = cut((span(" "), *_calm(systems, now)), width)
        return [text, BLANK] if rows >= 3 else [text]
    tone = tone_of(troubled[0].verdict)
    bar = fit((span(" "), *_told(troubled, now, width - 2)), width)
    middle = tuple(Span(part.text, tone, True, is_reversed=True) for part in bar)
    edge = (Span(span(" " * width).text, tone, True, is_reversed=True),)
    return [edge, middle, edge, BLANK] if rows >= 3 else [middle]


def _told(troubled: Sequence[SystemView], now: datetime, width: int) -> Line:
    """Return the systems in trouble by verdict, the worst first, each with its age.

    Where room is short the least bad lose their ages first, then their names: their number stays.
    """
    groups = [
        tuple(view for view in troubled if view.verdict is verdict)
        for verdict in sorted({view.verdict for view in troubled}, key=lambda one: -one.rank)
    ]
    forms = [0] * len(groups)
    least_first = list(reversed(range(1, len(groups))))
    shorter = [(index, form) for form in (1, 2) for index in least_first]
    for index, form in (*shorter, (0, 1)):
        told = _as_groups(groups, forms, now)
        if width_of(told) <= width:
            return told
        forms[index] = form
    return _as_groups(groups, forms, now)


def _as_groups(groups: Sequence[Sequence[SystemView]], forms: Sequence[int], now: datetime) -> Line:
    """Return groups of one verdict each: 0 names and ages, 1 names, 2 their number."""
    parts: list[Span] = []
    for views, form in zip(groups, forms, strict=True):
        verdict = views[0].verdict
        ages = [f" {since_text(view.since, now)}" if form == 0 else "" for view in views]
        names = ", ".join(f"{view.spec.name}{age}" for view, age in zip(views, ages, strict=True))
        word = word_of(verdict)
        told = f"{len(views)} {word}" if form == 2 else f"{word}  {names}"
        parts.append(span(f"{'   ' if parts else ''}{glyph_of(verdict)} {told}"))
    return tuple(parts)


def _calm(systems: Sequence[SystemView], now: datetime) -> Line:
    if not systems:
        return line(span("no system is configured", Tone.DIM))
    waiting = sum(1 for view in systems if is_loading(view))
    if waiting:
        return line(span(f"… {waiting} of {plural(len(systems), 'system')} loading", Tone.DIM))
    services = sum(len(view.services) for view in systems)
    quiet = max((view.since for view in systems if view.since), default=None)
    text = f"● all {plural(len(systems), 'system')} ok"
    rest = f"  {plural(services, 'service')}, quiet for {since_text(quiet, now)}"
    return line(span(text, Tone.OK, bold=True), span(rest, Tone.DIM))


def outside_services(systems: Sequence[SystemView]) -> tuple[ServiceView, ...]:
    """Return the outside providers of all systems, each once."""
    seen: dict[str, ServiceView] = {}
    for system in systems:
        for view in system.services:
            if view.spec.is_outside:
                seen.setdefault(view.spec.id.service, view)
    return tuple(seen.values())
