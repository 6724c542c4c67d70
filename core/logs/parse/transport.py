"""What carries other programs' lines: compose, the container engine's files, journald.

The line inside is read once more, by its own format; the carrier's facts stay under `transport.`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

from core.logs.parse.decode import text_of
from core.logs.parse.fields import fields_of, scalar
from core.logs.parse.levels import syslog_level
from core.logs.parse.lines import read_inner, read_json, read_line
from core.logs.parse.objects import with_transport
from core.logs.parse.payload import parse_beginning, parse_object
from core.logs.parse.reading import Context, Reading
from core.logs.parse.times import When, epoch
from core.model.log import FieldValue, TimeBasis

WITHHELD: Final = "(journald withheld this message: too long to print without --all)"

COMPOSE = re.compile(r"([A-Za-z0-9][\w.-]{0,127}) *\|(?: (.*)|$)", re.ASCII | re.DOTALL)
_NANO: Final = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d)) "
_ENGINE_TIME = re.compile(rf"{_NANO}(.*)", re.ASCII | re.DOTALL)
_CRI = re.compile(rf"{_NANO}(stdout|stderr) ([FP]) (.*)", re.ASCII | re.DOTALL)
_JOURNAL = re.compile(
    r"(?:([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{6})?)"
    r"|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?(?:Z|[+-]\d\d:?\d\d)))"
    r" (\S{1,255}) ([^\s:\[]{1,255})(?:\[(\d{1,9})\])?: (.*)",
    re.ASCII | re.DOTALL,
)
_JOURNAL_MARK: Final = '"__REALTIME_TIMESTAMP"'
_MONTHS: Final = frozenset("JFMASOND")
_MAX_BYTES: Final = 1 << 20


def read_carried(text: str, context: Context, is_cut: bool = False) -> Reading:
    """Return what a line says, with what carried it."""
    if context.is_compose and (match := COMPOSE.fullmatch(text)):
        return _read_compose(match[1], match[2] or "", context, is_cut)
    lead = text[:1]
    if lead == "{":
        payload = parse_object(text) or (parse_beginning(text) if is_cut else None)
        if payload is None:
            return read_line(text, context)
        content = payload[0]
        if "log" in content and "stream" in content and isinstance(content["log"], str):
            return _read_engine_file(content, context)
        if "__REALTIME_TIMESTAMP" in content or ("MESSAGE" in content and "_PID" in content):
            return _read_journal_object(content, context)
        return read_json(payload, text, context)
    if lead in _MONTHS or text[10:11] == "T":
        if match := _JOURNAL.fullmatch(text):
            return _read_journal(match, context) or read_line(text, context)
        if match := _CRI.fullmatch(text):
            facts = {"stream": match[2], "time": match[1]}
            inner = read_inner(match[4], context)
            return with_transport(inner, "cri", _clean(facts), context.clockwork.when(match[1]))
    return read_line(text, context)


def inner_text(text: str, context: Context) -> str:
    """Return a later line of a record without its carrier."""
    if context.is_compose and (match := COMPOSE.fullmatch(text)):
        text = match[2] or ""
        return match[2] if (match := _ENGINE_TIME.fullmatch(text)) else text
    if text.startswith('{"log":') and (payload := parse_object(text)) is not None:
        log = payload[0].get("log")
        return log.removesuffix("\n") if isinstance(log, str) else text
    if text.startswith("{") and _JOURNAL_MARK in text and (payload := parse_object(text)):
        return _journal_text(payload[0].get("MESSAGE") or "")
    is_likely = text[:1] in _MONTHS or text[10:11] == "T"
    return match[6] if is_likely and (match := _JOURNAL.fullmatch(text)) else text


def _read_compose(service: str, inner: str, context: Context, is_cut: bool) -> Reading:
    facts = {"service": service}
    when: When | None = None
    if match := _ENGINE_TIME.fullmatch(inner):
        facts["time"], inner = str(match[1]), str(match[2])
        when = context.clockwork.when(facts["time"])
    if is_cut and inner.startswith("{") and (payload := parse_beginning(inner)) is not None:
        return with_transport(read_json(payload, inner, context), "compose", _clean(facts), when)
    return with_transport(read_inner(inner, context), "compose", _clean(facts), when)


def _read_engine_file(content: Mapping[str, object], context: Context) -> Reading:
    inner = read_many(cast("str", content["log"]).removesuffix("\n"), context)
    facts = fields_of({name: value for name, value in content.items() if name != "log"})
    when = context.clockwork.when_field(content.get("time"))
    return with_transport(inner, "docker", facts, when)


def read_many(text: str, context: Context) -> Reading:
    """Read a text of several lines: the first is parsed, the others are its details."""
    first, *rest = text.split("\n")
    inner = read_inner(first.removesuffix("\r"), context)
    return inner._replace(details=inner.details + tuple(rest)) if rest else inner


def _read_journal(match: re.Match[str], context: Context) -> Reading | None:
    short, iso, host, identifier, pid, message = match.groups()
    if iso is not None and pid is None and identifier != "kernel":
        return None  # `TIME host name: message` is too like `TIME LEVEL name: message`
    clockwork = context.clockwork
    when = clockwork.when_short(short) if short else clockwork.when(iso or "")
    facts: dict[str, FieldValue] = _clean({"host": host, "identifier": identifier})
    if pid:
        facts["pid"] = int(pid)
    name = "journal-short" if short else "journal-short-iso"
    inner = with_transport(read_inner(message, context), name, facts, when)
    if when is not None and inner.time_s == when[0] and when[1] is TimeBasis.NAIVE:
        return inner._replace(time_basis=TimeBasis.NAIVE)
    return inner


def _read_journal_object(content: Mapping[str, object], context: Context) -> Reading:
    facts = fields_of({name: value for name, value in content.items() if name != "MESSAGE"})
    message = content.get("MESSAGE")
    if message is None:
        facts["MESSAGE"] = None
        inner = Reading("text", WITHHELD)
    else:
        inner = read_many(_journal_text(message), context)
    if inner.level is None:
        inner = inner._replace(level=syslog_level(content.get("PRIORITY")))
    return with_transport(inner, "journal-json", facts, _journal_time(content))


def _journal_time(content: Mapping[str, object]) -> When | None:
    stamp = content.get("__REALTIME_TIMESTAMP")
    if isinstance(stamp, str) and stamp.isdecimal() and len(stamp) < 20:
        stamp = int(stamp)
    return epoch(stamp) if isinstance(stamp, int) and not isinstance(stamp, bool) else None


def _journal_text(message: object) -> str:
    """Return a MESSAGE as text: bytes come as a list of numbers, repeats as a list of messages."""
    if isinstance(message, str):
        return message
    if not isinstance(message, list):
        return str(message)
    items = cast("Sequence[object]", message)
    if items and all(isinstance(item, int) and 0 <= item <= 255 for item in items[:_MAX_BYTES]):
        return text_of(bytes(cast("Sequence[int]", items[:_MAX_BYTES])))
    return "\n".join(_journal_text(item) for item in items[:256])


def _clean(facts: Mapping[str, str]) -> dict[str, FieldValue]:
    return {name: scalar(value) for name, value in facts.items()}
