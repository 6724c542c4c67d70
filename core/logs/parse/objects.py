"""Reads a decoded object as a record: which key is the message, the level, the time.

Knows python-json-logger, structlog, loguru (serialised), pino, bunyan, zap, GCP and ECS spellings.
"""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from core.logs.parse.fields import fields_of, scalar
from core.logs.parse.levels import level_of_field, level_of_prefix
from core.logs.parse.payload import Payload
from core.logs.parse.reading import Reading
from core.logs.parse.times import Clockwork, When
from core.model.log import FieldValue, LogLevel, TimeBasis

_MESSAGE_KEYS: Final = ("message", "msg", "event", "short_message", "text")
_LEVEL_KEYS: Final = (
    "level",
    "levelname",
    "severity",
    "lvl",
    "log.level",
    "loglevel",
    "severity_text",
    "severityText",
    "levelno",
    "severity_number",
    "severityNumber",
)
_TIME_KEYS: Final = ("timestamp", "time", "ts", "asctime", "@timestamp", "datetime", "created")
_LOGGER_KEYS: Final = ("logger", "name", "logger_name", "log.logger")
_NO_TIME: Final = (None, TimeBasis.NONE)
_EXCEPTION_KEYS: Final = (
    "exception",
    "exc_info",
    "traceback",
    "stack",
    "stack_info",
    "stacktrace",
    "error.stack_trace",
)


def read_object(
    payload: Payload, whole: str, clockwork: Clockwork, name: str, prefix: str = ""
) -> Reading:
    """Return what an object says; `whole` is its text, the message when it has none itself."""
    content, is_clean = payload
    level = level_in(content)
    if level is None and prefix:
        level = level_of_prefix(prefix)
    time_s, basis = time_in(content, clockwork) or _NO_TIME
    fields = fields_of(content, is_clean)
    if prefix and "prefix" not in fields:
        fields = {"prefix": scalar(prefix), **fields}
    said = message_in(content)
    message = whole
    details: tuple[str, ...] = ()
    if said is not None:
        message = said
        if "\n" in said:
            message, *rest = said.rstrip("\n").split("\n")
            details = tuple(rest)
        message = f"{prefix}: {message}" if prefix else message
    if not is_clean:
        details += _exception_lines(content)
    return Reading(name, message, time_s, basis, level, _logger_in(content), fields, details)


def name_of(content: Mapping[str, object]) -> str:
    """Return the name of the JSON dialect that an object is written in."""
    if "levelname" in content:
        return "python-json-logger"
    if "record" in content and "text" in content:
        return "loguru-json"
    if "event" in content and "level" in content:
        return "structlog-json"
    return "json"


def level_in(content: Mapping[str, object]) -> LogLevel | None:
    """Return the level of the first level field that names one."""
    for key in _LEVEL_KEYS:
        if key in content and (level := _level_of(key, content[key])) is not None:
            return level
    record = content.get("record")
    if isinstance(record, dict):
        return _level_of("level", cast("dict[str, object]", record).get("level"))
    return None


def _level_of(key: str, value: object) -> LogLevel | None:
    if isinstance(value, list):  # a key that was there twice: the worst that was said
        values = cast("Sequence[object]", value)
        return max((found for item in values if (found := level_of_field(key, item))), default=None)
    if isinstance(value, dict):  # loguru: {"name": "WARNING", "no": 30}
        named = cast("dict[str, object]", value)
        return level_of_field("level", named.get("name")) or level_of_field("no", named.get("no"))
    return level_of_field(key, value)


def time_in(content: Mapping[str, object], clockwork: Clockwork) -> When | None:
    """Return the time of the first time field that is one."""
    for key in _TIME_KEYS:
        if key in content and (when := clockwork.when_field(content[key])) is not None:
            return when
    record = content.get("record")
    if isinstance(record, dict):
        time = cast("dict[str, object]", record).get("time")
        if isinstance(time, dict):
            return clockwork.when_field(cast("dict[str, object]", time).get("timestamp"))
    return None


def message_in(content: Mapping[str, object]) -> str | None:
    """Return the first message field that is text."""
    record = content.get("record")
    if isinstance(record, dict):
        inner = cast("dict[str, object]", record).get("message")
        if isinstance(inner, str):
            return inner
    for key in _MESSAGE_KEYS:
        if key in content and isinstance(value := content[key], str):
            return value
    return None


def _logger_in(content: Mapping[str, object]) -> str:
    for key in _LOGGER_KEYS:
        if key in content and isinstance(value := content[key], str):
            return value
    return ""


def _exception_lines(content: Mapping[str, object]) -> tuple[str, ...]:
    lines: list[str] = []
    for key in _EXCEPTION_KEYS:
        if key in content and isinstance(value := content[key], str):
            lines += value.rstrip("\n").split("\n")
    return tuple(lines)


def with_transport(
    inner: Reading, name: str, transport: Mapping[str, FieldValue], when: When | None
) -> Reading:
    """Return an inner reading with the facts of what carried it, under `transport.`.

    The carrier's word comes last, so that no payload can forge it; its time counts only when the
    line has none.
    """
    facts = {f"transport.{key}": value for key, value in transport.items()}
    time_s, basis = inner.time_s, inner.time_basis
    if time_s is None and when is not None:
        time_s, basis = when[0], TimeBasis.TRANSPORT
    return Reading(
        name if inner.format == "text" else f"{name}/{inner.format}",
        inner.message,
        time_s,
        basis,
        inner.level,
        inner.logger,
        {**inner.fields, **facts},
        inner.details,
    )
