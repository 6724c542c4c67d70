"""Chooses the format of one line, carried by nothing, from the characters it begins with.

The choice depends on the line and on what `detect` saw of its log, never on the line before, so
that a log reads the same forwards, backwards and in two threads.
"""

import re
from typing import Final

from core.logs.parse.access import read_access
from core.logs.parse.headers import read_led_by_level, read_stamped, with_payload
from core.logs.parse.objects import name_of, read_object
from core.logs.parse.pairs import parse_pairs
from core.logs.parse.payload import Payload, parse_object, parse_prefixed
from core.logs.parse.reading import Context, Reading
from core.logs.parse.redis_lines import read_redis
from core.model.log import LogLevel

_LOGFMT = re.compile(r"(?:time|ts|t|level|lvl|msg|logger|caller)=\S", re.ASCII)
_TRACEBACK: Final = "Traceback (most recent call last):"
_DIGITS: Final = frozenset("0123456789")
_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")


def read_line(text: str, context: Context) -> Reading:
    """Return what a line says. Every line says something: plain text is its own message."""
    lead = text[:1]
    reading: Reading | None = None
    if lead == "{":
        reading = _read_braces(text, context)
    elif lead in _DIGITS:
        reading = (
            read_stamped(text, context)
            or read_redis(text, context.clockwork)
            or read_access(text, context.clockwork)
        )
    elif lead in _LETTERS:
        reading = read_led_by_level(text, context) or _read_word(text, context)
    elif lead == "[":
        reading = read_stamped(text, context) or read_led_by_level(text, context)
    elif lead in {"-", ":"}:
        reading = read_access(text, context.clockwork)
    return reading or with_payload(Reading("text", text), context)


def read_inner(text: str, context: Context) -> Reading:
    """Return what a line says that a carrier brought, in a configured format first."""
    return context.read_configured(text) or read_line(text, context)


def read_json(payload: Payload, text: str, context: Context) -> Reading:
    """Return what a line of JSON says."""
    return read_object(payload, text, context.clockwork, name_of(payload[0]))


def _read_braces(text: str, context: Context) -> Reading | None:
    if (payload := parse_object(text)) is not None:
        return read_json(payload, text, context)
    if (found := parse_prefixed(text)) is not None:
        return read_object(found[1], text, context.clockwork, "python-dict")
    return None


def _read_word(text: str, context: Context) -> Reading | None:
    """Read what begins with a letter and is led by no level."""
    if text.startswith(_TRACEBACK):
        # Nobody logged it: it came from the interpreter itself, whose only level is this one.
        return Reading("traceback", text, level=LogLevel.ERROR)
    if text.endswith("}") and (found := parse_prefixed(text)) is not None:
        return read_object(found[1], text, context.clockwork, "prefixed-json", found[0])
    if _LOGFMT.match(text) and (pairs := parse_pairs(text)) is not None:
        said = read_object((dict(pairs), False), text, context.clockwork, "logfmt")
        return said._replace(fields=pairs)
    return read_access(text, context.clockwork) if '] "' in text else None
