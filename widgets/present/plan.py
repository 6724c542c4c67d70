"""A plan as a person reads it before they say yes: what, where, how far, and the way back. Pure.

Red is kept for what destroys and for what interrupts production; everything else is said in words.
"""

from collections.abc import Iterable

from core.model.action import Danger, Grade, Plan, Preflight, Rung, Target
from core.model.text import SafeText, clean
from core.model.topology import Environment
from widgets.present.durations import duration_text
from widgets.present.fitting import cut, spread, wrap
from widgets.present.line import BLANK, Line, Span, Tone, line, span
from widgets.present.numbers import bytes_text, plural

_LABEL_CELLS = 10
_MOST_ROWS = 6
"""Of one text; the rest of a longer one is in the action's plan."""
_FEW_TARGETS = 4
"""So many stand first; of more the first ones, and all of them at the end."""
_MOST_READ = 100
"""Of those at the end so many have to be seen, one by one; the others can be."""
_ENVIRONMENTS = {
    Environment.PRODUCTION: (" PRODUCTION ", Tone.PRODUCTION),
    Environment.STAGING: (" STAGING ", Tone.DEGRADED),
    Environment.DEVELOPMENT: (" DEVELOPMENT ", Tone.ACCENT),
}
_DANGERS = {
    Danger.READ: "reads only",
    Danger.COPY: "leaves a copy",
    Danger.CHANGE: "changes state",
    Danger.INTERRUPT: "interrupts a service",
    Danger.DESTROY: "destroys something",
}
_GRADES = {
    Grade.PASS: ("✔", Tone.OK),
    Grade.WARN: ("▲", Tone.DEGRADED),
    Grade.STOP: ("✖", Tone.DOWN),
}


def is_grave(plan: Plan) -> bool:
    """Tell whether a plan deserves red."""
    return plan.rung is Rung.PHRASE


def where_line(plan: Plan, code: str, width: int) -> Line:
    """Return where it would happen, what it does at its worst, and the code that stands for it."""
    text, tone = _ENVIRONMENTS[Environment(plan.environment)]
    badge = Span(clean(text), tone, is_bold=True, is_reversed=True)
    danger = Tone.DOWN if is_grave(plan) and plan.danger is Danger.DESTROY else Tone.PLAIN
    where = span(f"  on {plan.host}  ", Tone.TITLE, bold=True)
    shown = span(code, Tone.TITLE, bold=True)
    return spread(line(badge, where, span(_effect(plan), danger)), line(shown), width)


def _effect(plan: Plan) -> str:
    is_undone = not any(one.is_irreversible for one in plan.steps)
    undone = ", easily undone" if plan.danger is Danger.CHANGE and is_undone else ""
    return f"{_DANGERS[plan.danger]}{undone}"


def plan_lines(plan: Plan, width: int) -> tuple[Line, ...]:
    """Return the plan without where it would happen, each line at most `width` cells."""
    blocks = [
        _stops(plan, width),
        _targets(plan, width),
        _steps(plan, width),
        _block("Reaches", plan.radius, width),
        _block("Takes", _takes(plan), width),
        _block("Downtime", [plan.downtime or "none"], width),
        _way_back(plan, width),
        _block("Proven by", [one.title for one in plan.proofs] or [_OWN_LOOK], width),
        _preview(plan, width),
        _checks(plan, width),
        _every_target(plan, width),
    ]
    lines: list[Line] = []
    for block in filter(None, blocks):
        lines += block
    return tuple(lines)


_OWN_LOOK = "a second look at each step's target"


def _targets(plan: Plan, width: int) -> list[Line]:
    """Return what is meant; of many the count and the first ones."""
    count, room = len(plan.targets), max(1, width - _LABEL_CELLS)
    shown = plan.targets if count <= _FEW_TARGETS else plan.targets[: _FEW_TARGETS - 1]
    lines = [_target(one, room) for one in shown]
    if count > 1:
        lines.insert(0, line(span(plural(count, "target"), Tone.TITLE, bold=True)))
    if count > len(shown):
        more = span(f"and {count - len(shown)} more; all are listed at the end", Tone.DEGRADED)
        lines.append(cut(line(more), room))
    return _labelled("What", lines)


def _every_target(plan: Plan, width: int) -> list[Line]:
    """Return all targets where they do not stand first: what is confirmed is shown."""
    if len(plan.targets) <= _FEW_TARGETS:
        return []
    room = max(1, width - _LABEL_CELLS)
    return [
        BLANK,
        *_labelled(f"All {len(plan.targets)}", [_target(one, room) for one in plan.targets]),
    ]


def _target(one: Target, room: int) -> Line:
    """Return one target exactly: its title, and the id that tells namesakes apart."""
    is_exact = one.id in one.shown or one.title in one.id
    exact = "" if is_exact else f"  {one.id}"
    return cut(line(span(one.shown), span(exact, Tone.DIM)), room)


def _steps(plan: Plan, width: int) -> list[Line]:
    room = max(1, width - _LABEL_CELLS)
    lines: list[Line] = []
    for number, one in enumerate(plan.steps, 1):
        after = "once everything is proven: " if one.is_after_proof else ""
        lines += _whole(f"{number}. {after}{one.title}", room)
        if one.is_irreversible:
            said = "   ▲ there is no way back after this"
            lines.append(cut(line(span(said, _tone_of_no_return(plan))), room))
    return _labelled("Does", lines)


def _tone_of_no_return(plan: Plan) -> Tone:
    return Tone.DOWN if is_grave(plan) else Tone.DEGRADED


def _takes(plan: Plan) -> list[str]:
    """Return how long it takes, and what is copied first."""
    most = f"given up after {duration_text(sum(one.deadline_s for one in plan.steps))}"
    about = f"about {duration_text(plan.estimate_s)}, " if plan.estimate_s is not None else ""
    copied = f"{bytes_text(plan.backup_bytes)} are copied first" if plan.backup_bytes else ""
    return [f"{about}{most}", *filter(None, [copied])]


def _way_back(plan: Plan, width: int) -> list[Line]:
    if plan.way_back:
        return _block("Way back", [plan.way_back], width)
    if plan.danger is Danger.READ:
        return _block("Way back", ["none is needed: nothing is changed"], width)
    tone = _tone_of_no_return(plan)
    return _block("Way back", ["▲ none: this cannot be undone from here"], width, tone)


def _preview(plan: Plan, width: int) -> list[Line]:
    if not plan.preview:
        return []
    return [BLANK, *(row for text in plan.preview for row in _preview_lines(text, width))]


def _preview_lines(text: SafeText, width: int) -> list[Line]:
    tone = {"+": Tone.OK, "-": Tone.DOWN, "@": Tone.LABEL}.get(text[:1], Tone.DIM)
    rows = _whole(text, max(1, width - 2), tone)
    return [(span("  "), *row) for row in rows] or [BLANK]


def _stops(plan: Plan, width: int) -> list[Line]:
    """Return what forbids it, on top: nobody should read on to learn that it cannot be done."""
    stops = [one for one in plan.preflight if one.grade is Grade.STOP]
    if not stops:
        return []
    lines = [cut(line(span("It cannot be done now:", Tone.DOWN, bold=True)), width)]
    for one in stops:
        lines += _check(one, width)
    return [*lines, BLANK]


def _checks(plan: Plan, width: int) -> list[Line]:
    others = [one for one in plan.preflight if one.grade is not Grade.STOP]
    ordered = sorted(others, key=lambda one: one.grade is Grade.PASS)
    lines: list[Line] = []
    for one in ordered:
        lines += _check(one, width)
    return [BLANK, *lines] if lines else []


def _check(one: Preflight, width: int) -> list[Line]:
    glyph, tone = _GRADES[one.grade]
    text = f"{one.name}: {one.text}{f'. {one.remedy}' if one.remedy else ''}"
    kept = Tone.DIM if one.grade is Grade.PASS else Tone.PLAIN
    rows = _whole(text, max(1, width - 4), kept)
    marks = [span(f"  {glyph} ", tone), *[span("    ")] * (len(rows) - 1)]
    return [(mark, *row) for mark, row in zip(marks, rows, strict=True)]


def _whole(text: str, room: int, tone: Tone = Tone.PLAIN) -> tuple[Line, ...]:
    """Return a text that is confirmed: its paths are as much of it as its words."""
    return wrap(text, room, _MOST_ROWS, tone, breaks_words=True)


def _block(label: str, texts: Iterable[str], width: int, tone: Tone = Tone.PLAIN) -> list[Line]:
    room = max(1, width - _LABEL_CELLS)
    rows = [row for text in texts for row in _whole(text, room, tone)]
    return _labelled(label, rows)


def _labelled(label: str, rows: Iterable[Line]) -> list[Line]:
    return [
        (span(f"{label if not index else '':<{_LABEL_CELLS}}", Tone.LABEL), *row)
        for index, row in enumerate(rows)
    ]


def lines_to_read(plan: Plan, count: int) -> int:
    """Return how many of a plan's lines nobody says yes without having seen, from the first on.

    Args:
        plan: The plan.
        count: Lines that it takes.
    """
    return count - max(0, len(plan.targets) - _MOST_READ)


def more_line(below: int, unread: int, width: int) -> Line:
    """Return how much of the plan is out of sight and has to be seen; blank when nothing is.

    Args:
        below: Lines below what is in sight.
        unread: Lines that have to be seen before somebody can say yes.
        width: Cells.
    """
    if unread and not below:
        passed = span(f"▲ {plural(unread, 'line')} above", Tone.DEGRADED, bold=True)
        return cut(line(passed, span(_UNREAD), span("  ↑", Tone.KEY, bold=True)), width)
    if below <= 0:
        return BLANK
    some = f", {unread:,} of them" if 0 < unread < below else ","
    count = span(f"▼ {plural(below, 'more line')} below", Tone.DEGRADED, bold=True)
    why = f"{some} to be read before you can say yes" if unread else ""
    return cut(line(count, span(why), span("  ↓", Tone.KEY, bold=True)), width)


_UNREAD = ", passed over: to be read before you can say yes"


def age_line(left_s: float, width: int, *, is_armed: bool, waits_for: SafeText) -> Line:
    """Return how long the plan holds, or what has to be done first.

    Args:
        left_s: How long it holds.
        width: Cells.
        is_armed: Whether changes are switched on, or need not be.
        waits_for: What somebody else has to do first; empty: nothing.
    """
    if left_s <= 0:
        text = "▲ This plan is too old: what it saw may have changed."
        return cut(line(span(text, Tone.DEGRADED)), width)
    if not is_armed:
        key = span("A", Tone.KEY, bold=True)
        off = span("▲ Changes are off in this console. ", Tone.DEGRADED)
        return cut(line(off, key, " switches them on."), width)
    holds = f"holds for {duration_text(left_s)}"
    if waits_for:
        return cut(line(span(f"▲ {waits_for}", Tone.DEGRADED), span(f"  ({holds})")), width)
    return line(span(f"This plan {holds}.", Tone.DIM))


def phrase_line(phrase: str, width: int, *, is_taken: bool) -> Line:
    """Return what has to be typed.

    Args:
        phrase: It.
        width: Cells.
        is_taken: Whether it can be typed now; else what comes first is said elsewhere.
    """
    shown = span(phrase, Tone.TITLE, bold=True)
    if is_taken:
        return cut(line("Type ", shown, " and press enter:"), width)
    return cut(line(span("Then to be typed: ", Tone.DIM), shown), width)
