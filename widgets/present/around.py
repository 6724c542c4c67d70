"""A service with everything but its checks, as one block of lines. Pure."""

from core.model.views import Picture, ServiceView
from widgets.present.checks import component_lines
from widgets.present.details import detail_lines
from widgets.present.durations import clock_text, since_text
from widgets.present.fitting import beside, cut, rule
from widgets.present.line import BLANK, Line, Tone, span
from widgets.present.services import dependency_lines, label, runtime_lines, why
from widgets.present.timeline import changes, notes_of
from widgets.present.verdicts import is_loading, verdict_line

_TWO_COLUMNS = 110
_GAP = 3
_NOTES = 30


def around_lines(
    picture: Picture, view: ServiceView, width: int, *, is_focused: bool = False
) -> tuple[Line, ...]:
    """Return place, dependencies, what bodies say beyond verdicts, and events.

    Two columns where the room allows it.
    """
    name = f"{view.spec.id.system}/{view.spec.id.service}"
    title = "" if view.spec.title == view.spec.id.service else view.spec.title
    head = rule(name, width, title, is_focused=is_focused)
    if width < _TWO_COLUMNS:
        return (
            head,
            *_state(picture, view, width),
            *_inside(picture, view, width),
            *_events(picture, view, width),
        )
    half = (width - _GAP) // 2
    rest = width - half - _GAP
    right = (*_inside(picture, view, rest), *_events(picture, view, rest))
    return (head, *beside(_state(picture, view, half), right[1:], half, _GAP))


def _state(picture: Picture, view: ServiceView, width: int) -> tuple[Line, ...]:
    """Return verdict, why, since when, where it runs, what it needs."""
    verdict = (*verdict_line(view.verdict, loading=is_loading(view)), span("  "), *why(view))
    moment = f"{clock_text(view.since, picture.now)}, {since_text(view.since, picture.now)} ago"
    since = label("since", moment) if view.since else label("since", span("–", Tone.DIM))
    place = (cut(one, width) for one in runtime_lines(view, picture.now))
    needs = dependency_lines(view, picture.systems, width)
    return (cut(verdict, width), since, *place, BLANK, rule("Depends on", width), *needs)


def _events(picture: Picture, view: ServiceView, width: int) -> tuple[Line, ...]:
    notes = notes_of(picture.snapshot.timeline, view.spec.id)
    lines = changes(notes, width, _NOTES, picture.now, with_name=False)
    return (BLANK, rule("What happened", width), *lines)


def _inside(picture: Picture, view: ServiceView, width: int) -> tuple[Line, ...]:
    """Return what the bodies of the checks say beyond a verdict."""
    lines: list[Line] = []
    for check in view.checks:
        if check.status is None:
            continue
        result = check.status.result
        if result.components:
            lines += [BLANK, rule(f"Inside {check.spec.id.check}", width)]
            lines += component_lines(result, width)
        if result.detail is not None:
            lines += [BLANK, *detail_lines(result.detail, width, picture.now)]
    return tuple(lines)
