"""A plan as a person reads it before they say yes: what, where, how far, and the way back. Pure.

Red is kept for what destroys and for what interrupts production; everything else is said in words.
"""

from collections.abc import Iterable

from core.model.action import Danger, Grade, Plan, Preflight, Rung
from core.model.text import SafeText, clean
from core.model.topology import Environment
from widgets.present.durations import duration_text
from widgets.present.fitting import wrap
from widgets.present.line import BLANK, Line, Span, Tone, line, span
from widgets.present.numbers import plural

_LABEL_CELLS = 10
_MOST_ROWS = 6
"""Of one text; the rest of a longer one is in the action's plan."""
_MOST_TARGETS = 60
_ENVIRONMENTS = {
    Environment.PRODUCTION: (" PRODUCTION ", Tone.PRODUCTION),
    Environment.STAGING: (" STAGING ", Tone.DEGRADED),
    Environment.DEVELOPMENT: (" DEVELOPMENT ", Tone.ACCENT),
}
_DANGERS = {
    Danger.READ: "reads only",
    Danger.COPY: "leaves a copy",
    Danger.CHANGE: "changes state, easily undone",
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


def plan_lines(plan: Plan, width: int) -> tuple[Line, ...]:
    """Return the plan, each line at most `width` cells."""
    blocks = [
        _heading(plan),
        _stops(plan, width),
        _block("What", _targets(plan), width),
        _block("Reaches", plan.radius, width),
        _block("Does", _steps(plan), width),
        _block("Downtime", [plan.downtime] if plan.downtime else [], width),
        _block("Seen by", [one.title for one in plan.proofs] or [_OWN_LOOK], width),
        _way_back(plan, width),
        _preview(plan, width),
        _checks(plan, width),
    ]
    lines: list[Line] = []
    for block in filter(None, blocks):
        lines += block
    return tuple(lines)


_OWN_LOOK = "a second look at each step's target"


def _heading(plan: Plan) -> list[Line]:
    text, tone = _ENVIRONMENTS[Environment(plan.environment)]
    badge = Span(clean(text), tone, is_bold=True, is_reversed=True)
    danger = Tone.DOWN if is_grave(plan) and plan.danger is Danger.DESTROY else Tone.PLAIN
    where = span(f"  on {plan.host}  ", Tone.TITLE)
    return [line(badge, where, span(_DANGERS[plan.danger], danger)), BLANK]


def _targets(plan: Plan) -> list[str]:
    shown = [f"{one.kind} {one.title}" for one in plan.targets[:_MOST_TARGETS]]
    left = len(plan.targets) - len(shown)
    more = [f"and {left} more"] if left else []
    count = [f"{plural(len(plan.targets), 'target')}:"] if len(plan.targets) > 1 else []
    return [*count, *shown, *more]


def _steps(plan: Plan) -> list[str]:
    texts: list[str] = []
    for number, one in enumerate(plan.steps, 1):
        last = "; there is no way back after this" if one.is_irreversible else ""
        after = "once everything is proven: " if one.is_after_proof else ""
        texts.append(f"{number}. {after}{one.title}{last}")
    return texts


def _way_back(plan: Plan, width: int) -> list[Line]:
    if plan.way_back:
        return _block("Way back", [plan.way_back], width)
    tone = Tone.DOWN if is_grave(plan) else Tone.DEGRADED
    return _block("Way back", ["none: this cannot be undone from here"], width, tone)


def _preview(plan: Plan, width: int) -> list[Line]:
    if not plan.preview:
        return []
    return [BLANK, *(_preview_line(text, width) for text in plan.preview), BLANK]


def _preview_line(text: SafeText, width: int) -> Line:
    tone = {"+": Tone.OK, "-": Tone.DOWN, "@": Tone.LABEL}.get(text[:1], Tone.DIM)
    rows = wrap(text, max(1, width - 2), 1, tone)
    return (span("  "), *rows[0]) if rows else BLANK


def _stops(plan: Plan, width: int) -> list[Line]:
    """Return what forbids it, on top: nobody should read on to learn that it cannot be done."""
    stops = [one for one in plan.preflight if one.grade is Grade.STOP]
    if not stops:
        return []
    lines: list[Line] = [line(span("It cannot be done now:", Tone.DOWN, bold=True))]
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
    rows = wrap(text, max(1, width - 4), _MOST_ROWS, kept)
    marks = [span(f"  {glyph} ", tone), *[span("    ")] * (len(rows) - 1)]
    return [(mark, *row) for mark, row in zip(marks, rows, strict=True)]


def _block(label: str, texts: Iterable[str], width: int, tone: Tone = Tone.PLAIN) -> list[Line]:
    lines: list[Line] = []
    room = max(1, width - _LABEL_CELLS)
    for text in texts:
        for row in wrap(text, room, _MOST_ROWS, tone):
            head = label if not lines else ""
            lines.append((span(f"{head:<{_LABEL_CELLS}}", Tone.LABEL), *row))
    return lines


def age_line(left_s: float, *, is_armed: bool) -> Line:
    """Return how long the plan holds, or what has to be done first."""
    if left_s <= 0:
        return line(span("This plan is too old: what it saw may have changed.", Tone.DEGRADED))
    if not is_armed:
        key = span("A", Tone.KEY, bold=True)
        return line(
            span("Changes are off in this console. ", Tone.DEGRADED), key, " switches them on."
        )
    return line(span(f"This plan holds for {duration_text(left_s)}.", Tone.DIM))


def phrase_line(phrase: str) -> Line:
    """Return what has to be typed."""
    return line("Type ", span(phrase, Tone.TITLE, bold=True), " and press enter:")
