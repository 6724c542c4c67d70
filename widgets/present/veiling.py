"""Lines without what must not be shown: the one place on the way to the terminal (ADR 0026)."""

from collections.abc import Iterable
from dataclasses import replace

from core.model.masking import Spans
from core.model.secret import MASK
from core.model.text import clean
from core.model.veil import VEIL
from widgets.present.line import Line, Span


def veiled(line: Line) -> Line:
    """Return a line with secrets masked, also those that go over several spans.

    The mask has the tone of where the secret begins, and is always as long.
    """
    redacting = VEIL.redacting
    if redacting is None or not line:
        return line
    text = _text_of(line)
    spans = redacting.shown_spans(text)
    return masked_line(line, spans) if spans else line


def look_ahead(lines: Iterable[Line]) -> None:
    """Look for secrets in lines that are about to be drawn, one after the other.

    It is remembered what stands in them: this costs a third of looking while each is drawn, when
    the processor has forgotten what searching needs by the time the next line comes.
    """
    redacting = VEIL.redacting
    if redacting is None:
        return
    for line in lines:
        if line:
            redacting.shown_spans(_text_of(line))


def _text_of(line: Line) -> str:
    return line[0].text if len(line) == 1 else "".join([part.text for part in line])


def masked_line(line: Line, spans: Spans) -> Line:
    """Return a line with a mask in the place of each span of its text."""
    parts: list[Span] = []
    at = 0
    for part in line:
        parts += _part(part, at, spans)
        at += len(part.text)
    return tuple(parts)


def _part(part: Span, at: int, spans: Spans) -> list[Span]:
    """Return what is left of a span that begins at a place of the line's text."""
    kept = ""
    end = at + len(part.text)
    here = at
    for begin, after in spans:
        if after <= at or begin >= end:
            continue
        kept += part.text[here - at : max(begin, at) - at]
        kept += MASK if begin >= at else ""
        here = min(after, end)
    kept += part.text[here - at :]
    if kept == part.text:
        return [part]
    return [replace(part, text=clean(kept))] if kept else []
