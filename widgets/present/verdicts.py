"""Verdicts as words, shapes and badges. Pure. Trouble is loud, health is quiet."""

from collections.abc import Iterable

from core.model.text import clean
from core.model.verdict import Verdict
from core.model.views import ServiceView, SystemView
from widgets.present.line import Line, Span, Tone, glyph_of, line, span, tone_of

LOADING_GLYPH = "…"

_WORDS = {
    Verdict.OK: "OK",
    Verdict.DEGRADED: "DEGRADED",
    Verdict.DOWN: "DOWN",
    Verdict.UNKNOWN: "UNKNOWN",
}
BADGE_CELLS = 12
"""A badge's width: room for `▲ DEGRADED` with a blank at each end."""


def word_of(verdict: Verdict) -> str:
    """Return the word of a verdict, in capitals."""
    return _WORDS[verdict]


def is_loading(view: ServiceView | SystemView) -> bool:
    """Tell whether nothing was looked at yet: not trouble, only early."""
    if isinstance(view, ServiceView):
        return view.verdict is Verdict.UNKNOWN and view.state == "loading"
    return bool(view.services) and all(is_loading(service) for service in view.services)


def is_trouble(view: ServiceView | SystemView) -> bool:
    """Tell whether a person should look at it: not ok and not merely loading."""
    return view.verdict is not Verdict.OK and not is_loading(view)


def sign(verdict: Verdict, *, loading: bool = False) -> Span:
    """Return the one-cell shape in its tone."""
    if loading:
        return span(LOADING_GLYPH, Tone.DIM)
    return Span(glyph_of(verdict), tone_of(verdict), is_bold=verdict is not Verdict.OK)


def verdict_line(verdict: Verdict, *, loading: bool = False) -> Line:
    """Return shape and word: `✖ DOWN`."""
    if loading:
        return line(span(f"{LOADING_GLYPH} loading", Tone.DIM))
    word = span(f" {_WORDS[verdict]}", tone_of(verdict), bold=verdict is not Verdict.OK)
    return (sign(verdict), word)


def badge(verdict: Verdict, width: int = BADGE_CELLS, *, loading: bool = False) -> Span:
    """Return shape and word in a field of colour; for ok and loading without the field."""
    if loading:
        return span(f" {LOADING_GLYPH} loading".ljust(width), Tone.DIM)
    text = clean(f" {glyph_of(verdict)} {_WORDS[verdict]}".ljust(width)[:width])
    return Span(text, tone_of(verdict), True, is_reversed=verdict is not Verdict.OK)


def block(verdict: Verdict, width: int, *, loading: bool = False) -> Span:
    """Return a blank stretch of a badge's field: what makes a badge taller than one line.

    Only what is known to be wrong gets it: not knowing is loud once, in the badge itself.
    """
    if loading or verdict in {Verdict.OK, Verdict.UNKNOWN}:
        return span(" " * width)
    return Span(clean(" " * width), tone_of(verdict), True, is_reversed=True)


def counts_line(counts: Iterable[tuple[Verdict, int]]) -> Line:
    """Return counts by verdict, worst first: `✖ 1  ▲ 2  ● 4`."""
    parts: list[Span] = []
    for verdict, count in counts:
        if parts:
            parts.append(span("  "))
        text = f"{glyph_of(verdict)} {count}"
        parts.append(span(text, tone_of(verdict), bold=verdict is not Verdict.OK))
    return tuple(parts)
