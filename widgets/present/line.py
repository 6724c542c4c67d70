"""Lines of spans: what every pane draws. A tone names a meaning; the theme gives it a colour."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.text import EMPTY, SafeText, clean
from core.model.verdict import Verdict


class Tone(StrEnum):
    """What a span means. Widgets resolve it through the theme; never a colour in Python."""

    PLAIN = "plain"
    DIM = "dim"
    LABEL = "label"
    TITLE = "title"
    ACCENT = "accent"
    KEY = "key"
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"
    PRODUCTION = "production"
    MATCH = "match"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text with one tone."""

    text: SafeText
    tone: Tone = Tone.PLAIN
    is_bold: bool = False
    is_reversed: bool = False


Line = tuple[Span, ...]

BLANK: Line = ()

_TONES = {
    Verdict.OK: Tone.OK,
    Verdict.DEGRADED: Tone.DEGRADED,
    Verdict.DOWN: Tone.DOWN,
    Verdict.UNKNOWN: Tone.UNKNOWN,
}

_GLYPHS = {
    Verdict.OK: "●",
    Verdict.DEGRADED: "▲",
    Verdict.DOWN: "✖",
    Verdict.UNKNOWN: "?",
}


def span(text: str, tone: Tone = Tone.PLAIN, *, bold: bool = False) -> Span:
    """Return a span; the text is cleaned (free for text that is clean already)."""
    return Span(clean(text) if text else EMPTY, tone, bold)


def line(*parts: str | Span) -> Line:
    """Return a line from spans and plain strings."""
    return tuple(part if isinstance(part, Span) else span(part) for part in parts)


def tone_of(verdict: Verdict) -> Tone:
    """Return the tone of a verdict."""
    return _TONES[verdict]


def glyph_of(verdict: Verdict) -> SafeText:
    """Return the one-cell shape of a verdict: readable without colour."""
    return SafeText(_GLYPHS[verdict])
