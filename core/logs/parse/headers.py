"""Lines with a header: a time, a level, a logger in known places before the message.

Python logging's usual forms, loguru, structlog's console, gunicorn, celery, uvicorn, a bare
`LEVEL message`. A word is a level where a level stands, and nowhere else.
"""

import re
from typing import Final

from core.logs.parse.access import read_uvicorn_access
from core.logs.parse.levels import HEADER_LEVELS, level_of_prefix, level_of_word
from core.logs.parse.objects import read_object
from core.logs.parse.pairs import pairs_of, split_pairs
from core.logs.parse.payload import parse_prefixed
from core.logs.parse.reading import Context, Reading
from core.logs.parse.times import STAMP, When
from core.model.log import LogLevel

_STAMPED = re.compile(rf"\[?({STAMP})(\]|(?=[ :|\t])|$)(.*)", re.ASCII | re.DOTALL)
_DASHES = re.compile(r" - (.{1,200}?) - (?:(.{1,200}?) - )?(.*)", re.DOTALL)
_LOGURU = re.compile(
    r" \| ([A-Z]+) *\| (\S{1,200}?):([^\s:]{1,200}):(\d{1,9}) - (.*)", re.ASCII | re.DOTALL
)
_BRACKETS = re.compile(r" ?\[ *([\w./-]{1,100}) *\]:? *(.*)", re.ASCII | re.DOTALL)
_POSTGRES = re.compile(r"([A-Z]{3,7}): +(.*)", re.ASCII | re.DOTALL)
_CELERY = re.compile(r": ([A-Z]{4,8})/([\w-]{1,100})\] ?(.*)", re.ASCII | re.DOTALL)
_WORDS = re.compile(r"[ \t]+\[?(\w{3,11})\]?:?(?:[ \t]+(.*)|$)", re.ASCII | re.DOTALL)
_NAME = re.compile(r"\[?([A-Za-z_][\w.-]{0,100})\]?:? +(.*)", re.ASCII | re.DOTALL)
_NAME_LEVEL = re.compile(
    r" \[?([A-Za-z_][\w.-]{0,100})\]? \[?([A-Z]{4,8})\]?:? +(.*)", re.ASCII | re.DOTALL
)
_LEADING = re.compile(
    r"(?:\[ *([A-Za-z]{3,11}) *\]:?|([A-Za-z]{3,11}):|([A-Z]{4,11})(?=[ \t]|$)"
    r"|([A-Z][A-Z0-9_]{0,60}_[A-Z]{3,9}):)([ \t]*)(.*)",
    re.ASCII | re.DOTALL,
)
_BASIC = re.compile(r"([A-Z]{4,8}):([\w.]{1,100}):(.*)", re.ASCII | re.DOTALL)
_MAX_PAYLOAD_OF_TEXT: Final = 1 << 20


def read_stamped(text: str, context: Context) -> Reading | None:
    """Read a line that begins with a time; None when it does not."""
    match = _STAMPED.fullmatch(text)
    if match is None:
        return None
    time, bracket, rest = match.groups()
    when = context.clockwork.when(time)
    if when is None:
        return None
    if bracket == "" and text.startswith("["):
        return _read_celery(rest, when)
    return _read_after_time(rest, when, context)


def _read_celery(rest: str, when: When) -> Reading | None:
    match = _CELERY.fullmatch(rest)
    if match is None or (level := HEADER_LEVELS.get(match[1])) is None:
        return None
    return Reading("celery", match[3], when[0], when[1], level, match[2])


def _read_after_time(rest: str, when: When, context: Context) -> Reading:
    lead = rest[:3]
    if lead == " - ":
        reading = _read_dashes(rest, when)
    elif lead == " | ":
        reading = _read_loguru(rest, when)
    elif rest[:2] == " [" or rest[:1] == "[":
        reading = _read_brackets(rest, when)
    else:
        reading = None
    reading = reading or _read_words(rest, when, context)
    reading = reading or Reading("stamped", rest.lstrip(" \t"), when[0], when[1])
    return with_payload(reading, context)


def _read_dashes(rest: str, when: When) -> Reading | None:
    """` - name - LEVEL - message`, ` - LEVEL - message`, ` - LEVEL - name - message`."""
    match = _DASHES.fullmatch(rest)
    if match is None:
        return None
    first, second, message = match.groups()
    if second is not None and (level := level_of_word(second)) is not None:
        return Reading("python", message, when[0], when[1], level, first)
    if (level := level_of_word(first)) is None:
        return None
    if second is not None:
        message = f"{second} - {message}"
    return Reading("python", message, when[0], when[1], level)


def _read_loguru(rest: str, when: When) -> Reading | None:
    match = _LOGURU.fullmatch(rest)
    if match is None:
        return None
    word, logger, function, line, message = match.groups()
    fields = pairs_of((("function", function), ("line", line)))
    return Reading("loguru", message, when[0], when[1], level_of_word(word), logger, fields)


def _read_brackets(rest: str, when: When) -> Reading | None:
    """` [level] event  k=v` of structlog; ` [pid] [LEVEL] message`, ` [pid] LEVEL:  message`."""
    match = _BRACKETS.fullmatch(rest)
    if match is None:
        return None
    level = level_of_word(match[1])
    if level is not None:
        message, logger, fields = split_pairs(match[2])
        name = "structlog" if match[1].islower() else "stamped"
        return Reading(name, message, when[0], when[1], level, logger, fields)
    is_pid = match[1].isdecimal()
    inner = _BRACKETS.fullmatch(match[2]) or (_POSTGRES.fullmatch(match[2]) if is_pid else None)
    if inner is None or (level := level_of_word(inner[1])) is None:
        return None
    name = "gunicorn" if match[2].startswith("[") else "postgres"
    fields = pairs_of((("pid", match[1]),)) if is_pid else {}
    logger = "" if is_pid else match[1]
    return Reading(name, inner[2], when[0], when[1], level, logger, fields)


def _read_words(rest: str, when: When, context: Context) -> Reading | None:
    """` LEVEL message`, ` LEVEL name message`, ` name LEVEL message`."""
    columns = context.columns
    match = _WORDS.fullmatch(rest)
    if match is not None and (level := HEADER_LEVELS.get(match[1])) is not None:
        message = match[2] or ""
        named = _NAME.fullmatch(message) if message else None
        if named is not None and (columns.is_name_after_level or named[2].startswith("{")):
            return Reading("python", named[2], when[0], when[1], level, named[1])
        return Reading("python", message, when[0], when[1], level)
    match = _NAME_LEVEL.fullmatch(rest) if columns.is_name_before_level else None
    if match is None or (level := HEADER_LEVELS.get(match[2])) is None:
        return None
    return Reading("python", match[3], when[0], when[1], level, match[1])


def read_led_by_level(text: str, context: Context) -> Reading | None:
    """Read `INFO:     message` (uvicorn), `LEVEL message`, `[LEVEL] message`, `Error: message`."""
    match = _LEADING.match(text)
    if match is None:
        return None
    bracketed, coloned, bare, prefix, space, message = match.groups()
    level = _leading_level(bracketed, coloned, bare, prefix)
    if level is None or (prefix and message.endswith("}")):
        return None
    if coloned and not space and (basic := _BASIC.fullmatch(text)):
        return with_payload(Reading("python", basic[3], level=level, logger=basic[2]), context)
    if coloned and len(coloned) + len(space) >= 8 and coloned.isupper():
        return read_uvicorn_access(message, level) or with_payload(
            Reading("uvicorn", message, level=level), context
        )
    if prefix:
        message = text
    return with_payload(Reading("level", message, level=level), context)


def _leading_level(
    bracketed: str | None, coloned: str | None, bare: str | None, prefix: str | None
) -> LogLevel | None:
    if bare:
        return HEADER_LEVELS.get(bare)
    word = bracketed or coloned
    if word:
        return HEADER_LEVELS.get(word.upper())
    return level_of_prefix(prefix) if prefix else None


def with_payload(reading: Reading, context: Context) -> Reading:
    """Return the reading with the fields of the object in its message, if it holds one.

    The header's time, level and logger stay; the object fills in what the header does not say.
    """
    message = reading.message
    if not message.endswith("}") or len(message) > _MAX_PAYLOAD_OF_TEXT:
        return reading
    found = parse_prefixed(message)
    if found is None:
        return reading
    prefix, payload = found
    inner = read_object(payload, message, context.clockwork, reading.format, prefix)
    timed = inner if reading.time_s is None else reading
    return Reading(
        inner.format,
        inner.message,
        timed.time_s,
        timed.time_basis,
        inner.level if reading.level is None else reading.level,
        reading.logger or inner.logger,
        {**reading.fields, **inner.fields} if reading.fields else inner.fields,
        inner.details,
    )
