"""What the Overview's cursor is on, told at more length. Pure."""

from core.model.views import Picture, ServiceView, SystemView
from widgets.present.absence import Absence, absence_line
from widgets.present.checks import history_strip
from widgets.present.durations import since_text
from widgets.present.fitting import cut, fit, rule, spread
from widgets.present.line import BLANK, Line, Tone, line, span
from widgets.present.numbers import latency_text
from widgets.present.services import (
    chip,
    dependency_lines,
    latency_now,
    runtime_lines,
    state_line,
    why,
)
from widgets.present.systems import Spot
from widgets.present.timeline import changes, notes_of
from widgets.present.verdicts import is_loading, sign

_STRIP_CELLS = 24
_NOTES = 12
_MIN_NOTES_ROWS = 8
_MIN_REASON_CELLS = 16
"""A reason cut shorter than this tells nothing; the history gets its room."""
_NAME_CELLS = 13
_LATENCY_CELLS = 8


def spot_lines(
    picture: Picture, spot: Spot | None, width: int, height: int, *, is_focused: bool = False
) -> tuple[Line, ...]:
    """Return the system or the service under the cursor."""
    system = next((one for one in picture.systems if spot and one.spec.name == spot.system), None)
    if spot is None or system is None:
        return (rule("Nothing selected", width, is_focused=is_focused),)
    for view in system.services:
        if view.spec.id.service == spot.service:
            return _service(picture, view, width, is_focused=is_focused)
    return _system(system, picture, width, height, is_focused=is_focused)


def _system(
    system: SystemView, picture: Picture, width: int, height: int, *, is_focused: bool
) -> tuple[Line, ...]:
    """Return each service in two lines, and its checks where there is room."""
    note = system.spec.root or system.spec.title
    lines: list[Line] = [rule(system.spec.name, width, note, is_focused=is_focused)]
    checks = sum(len(view.checks) for view in system.services)
    has_checks = 2 * len(system.services) + checks + _MIN_NOTES_ROWS <= height
    for view in system.services:
        figures = f"{latency_now(view):>8}{since_text(view.since, picture.now):>10}"
        lines.append(spread(chip(view), line(span(figures, Tone.DIM)), width))
        state = () if is_loading(view) else (*state_line(view), span("  "))
        lines.append(cut((span("  "), *state, *why(view)), width))
        if has_checks:
            lines += [(span("    "), *one) for one in _checks(view, width - 4)]
    lines += [BLANK, rule("What happened here", width)]
    notes = [
        note
        for note in picture.snapshot.timeline
        if note.service is not None and note.service.system == system.spec.name
    ]
    lines += changes(notes, width, _NOTES, picture.now)
    return tuple(lines)


def _service(
    picture: Picture, view: ServiceView, width: int, *, is_focused: bool
) -> tuple[Line, ...]:
    """Return a service: checks, where it runs, what it needs, what happened."""
    name = f"{view.spec.id.system}/{view.spec.id.service}"
    note = since_text(view.since, picture.now)
    lines: list[Line] = [rule(name, width, note, is_focused=is_focused)]
    lines.append(cut((sign(view.verdict), span(" "), *why(view)), width))
    lines += _checks(view, width)
    lines += [BLANK, *(cut(one, width) for one in runtime_lines(view, picture.now))]
    lines += [BLANK, rule("Depends on", width)]
    lines += dependency_lines(view, picture.systems, width)
    lines += [BLANK, rule("What happened here", width)]
    notes = notes_of(picture.snapshot.timeline, view.spec.id)
    lines += changes(notes, width, _NOTES, picture.now, with_name=False)
    return tuple(lines)


def _checks(view: ServiceView, width: int) -> list[Line]:
    if not view.checks:
        return [absence_line(Absence.NONE, "checks")]
    cells = min(_STRIP_CELLS, max(8, width // 4))
    has_reason = width - _NAME_CELLS - cells - _LATENCY_CELLS - 3 >= _MIN_REASON_CELLS
    if not has_reason:
        cells = min(_STRIP_CELLS, max(8, width - _NAME_CELLS - _LATENCY_CELLS - 3))
    lines: list[Line] = []
    for check in view.checks:
        shape = sign(check.verdict, loading=check.status is None and check.state == "loading")
        head = (shape, span(" "), *fit((span(check.spec.id.check, bold=True),), _NAME_CELLS - 2))
        latency = span(latency_text(check.latency_s).rjust(_LATENCY_CELLS))
        reason = span(f" {check.reason}" if has_reason else "")
        lines.append(spread((*head, reason), (*history_strip(check, cells), latency), width))
    return lines
