"""A log record as lines for a person, and as one JSON object. Pure."""

import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cli.as_json import as_json
from cli.output import hidden
from core.logs.parse.decode import text_of
from core.model.log import LogLevel, LogRecord
from core.model.text import SafeText, clean

_MAX_CHARS = 4 * 1024 * 1024
"""More than a record ever has: nothing of it is left out."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLOURS = {LogLevel.CRITICAL: 31, LogLevel.ERROR: 31, LogLevel.WARN: 33}


def raw_lines(record: LogRecord, codec: str | None = None) -> list[SafeText]:
    """Return a record's lines as they were written, harmless, without colours and blank ends.

    `codec` is that of the log's parser, for logs in UTF-16.
    """
    lines = text_of(record.raw, codec).split("\n")
    while len(lines) > 1 and not lines[-1].strip("\r"):
        lines.pop()
    return [clean(line.removesuffix("\r"), _MAX_CHARS) for line in lines]


def tagged(lines: Sequence[str], tag: str) -> str:
    """Return lines as text, each behind the name of its log where there are several logs."""
    front = f"{tag} | " if tag else ""
    return "".join(f"{front}{line}\n" for line in lines)


def coloured(text: str, level: LogLevel | None) -> str:
    """Return lines in the colour of their level, for a terminal."""
    code = _COLOURS.get(level) if level is not None else None
    if code is None:
        return text
    return "".join(f"\x1b[{code}m{line}\x1b[0m\n" for line in text.splitlines())


def json_line(record: LogRecord) -> str:
    """Return a record as one line of JSON, in ASCII."""
    document: dict[str, object] = {
        "source": clean(record.source),
        "time": moment_of(record.time_s),
        "time_basis": str(record.time_basis),
        "level": None if record.level is None else record.level.word,
        "logger": record.logger or None,
        "message": record.message,
        "fields": as_json(record.fields),
        "details": list(record.details),
        "format": record.format,
        "segment": record.position.segment,
        "offset": record.position.offset,
        "is_cut": record.is_cut,
    }
    return json.dumps(hidden(document | _raw(record.raw)), allow_nan=False) + "\n"


def _raw(raw: bytes) -> dict[str, object]:
    """Return what was written: as text, and as base64 too where it is no UTF-8."""
    try:
        return {"raw": raw.decode("utf-8")}
    except UnicodeDecodeError:
        return {
            "raw": raw.decode("utf-8", "replace"),
            "raw_base64": b64encode(raw).decode("ascii"),
        }


def moment_of(time_s: float | None) -> str | None:
    """Return seconds since 1970 as ISO 8601 in UTC, with microseconds where it has any."""
    if time_s is None:
        return None
    try:
        at = _EPOCH + timedelta(microseconds=round(time_s * 1e6))
    except OverflowError:
        return None
    parts = "milliseconds" if at.microsecond % 1000 == 0 else "microseconds"
    return at.isoformat(timespec=parts).replace("+00:00", "Z")
