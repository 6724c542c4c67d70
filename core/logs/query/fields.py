"""Names of fields: which stand for the same thing, and how a record is asked for one.

Invariant: a field with exactly the name asked for wins; its aliases answer only where it is not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import EllipsisType
from typing import TypeAlias

from core.model.log import FieldValue, LogRecord

Found: TypeAlias = "FieldValue | str | EllipsisType"
"""A value, or `...` where the record has no such field."""

Getter: TypeAlias = Callable[[LogRecord], Found]


@dataclass(frozen=True, slots=True)
class Family:
    """Names for one thing, the one to write first."""

    name: str
    members: tuple[str, ...]
    what: str


FAMILIES = (
    Family(
        "status",
        ("status", "status_code", "http_status", "http_status_code", "statusCode", "response_code",
         "response.status", "response.status_code", "res.statusCode", "http.status_code", "code"),
        "HTTP status, or the word an application calls status",
    ),
    Family(
        "ip",
        ("ip", "client_ip", "client", "client_addr", "remote_addr", "remote_ip", "remote_host",
         "remote", "ip_address", "source_ip", "src_ip", "clientip", "peer", "x_forwarded_for",
         "details.client_ip", "details.ip", "client.ip", "req.remoteAddress", "client_id",
         "details.client_id"),
        "address of the client, without its port",
    ),
    Family(
        "path",
        ("path", "route", "url", "uri", "request_path", "request_uri", "endpoint", "target",
         "http_path", "url_path", "details.path", "details.endpoint", "request.path", "req.url",
         "http.target", "url.path"),
        "path of the request",
    ),
    Family(
        "duration_ms",
        ("duration_ms", "latency_ms", "elapsed_ms", "response_time_ms", "request_time_ms",
         "processing_time_ms", "time_ms", "took_ms", "details.duration_ms", "duration",
         "latency", "elapsed", "took", "responseTime", "response_time", "duration_s",
         "duration_seconds", "duration_sec", "latency_s", "latency_seconds", "elapsed_s",
         "elapsed_seconds", "process_time", "processing_time", "request_time", "duration_us",
         "latency_us", "elapsed_us", "duration_ns", "latency_ns", "elapsed_ns"),
        "how long it took",
    ),
    Family(
        "user",
        ("user", "user_id", "username", "user_name", "userid", "userId", "usr", "account",
         "remote_user", "details.user", "details.user_id", "user.id", "user.name", "sub"),
        "who",
    ),
    Family(
        "method",
        ("method", "http_method", "request_method", "verb", "request.method", "req.method",
         "http.method", "details.method"),
        "HTTP method",
    ),
    Family("message", ("message", "msg", "MESSAGE"), "what the record says"),
    Family("logger", ("logger", "logger_name", "name", "SYSLOG_IDENTIFIER"), "who wrote it"),
    Family(
        "request_id",
        ("request_id", "correlation_id", "x_request_id", "x-request-id", "requestId", "req_id",
         "correlationId", "trace_id", "traceId", "req.id", "details.request_id"),
        "what belongs together",
    ),
    Family("event", ("event", "event_type", "event_name", "event.event_type"), "kind of event"),
)  # fmt: skip
"""The one table of aliases; `docs/log-queries.md` shows it."""

_FAMILY_OF = {member: family for family in reversed(FAMILIES) for member in family.members}

LEVEL_NAMES = frozenset({"level", "levelname", "loglevel", "log_level", "lvl"})
TIME_NAMES = frozenset({"time", "timestamp", "ts", "@timestamp", "asctime"})
TEXT_NAMES = frozenset({"text", "raw"})
"""The whole text of the record."""

_MILLISECONDS = {
    **dict.fromkeys(("process_time", "processing_time", "request_time"), 1000.0),
    **dict.fromkeys(("duration", "latency", "elapsed", "took"), 1.0),
    **dict.fromkeys(("responseTime", "response_time"), 1.0),
}
"""Names whose unit does not show: those of Starlette and nginx are seconds, the rest are ms."""

_UNIT_SUFFIXES = {
    "_ns": 1e-6, "_us": 1e-3, "_ms": 1.0, "_millis": 1.0, "_s": 1000.0, "_sec": 1000.0,
    "_secs": 1000.0, "_seconds": 1000.0, "_min": 60_000.0, "_minutes": 60_000.0,
}  # fmt: skip

_ATTRIBUTES: dict[str, Callable[[LogRecord], Found]] = {
    "message": lambda record: record.message,
    "logger": lambda record: record.logger or ...,
    "source": lambda record: record.source,
    "format": lambda record: record.format,
    "level": lambda record: ... if record.level is None else record.level.word,
    "severity": lambda record: ... if record.level is None else record.level.word,
    "time": lambda record: ... if record.time_s is None else record.time_s,
}
"""What every record has beside its fields."""


def names_for(field: str) -> tuple[str, ...]:
    """Return the names to look under, in order: the one asked for, then its aliases."""
    family = _FAMILY_OF.get(field)
    if family is None:
        return (field,)
    return (field, *(member for member in family.members if member != field))


def unit_ms(field: str) -> float | None:
    """Return how many milliseconds a field's unit has by its name; None where it has no such."""
    known = _MILLISECONDS.get(field)
    if known is not None:
        return known
    return next(
        (each for suffix, each in _UNIT_SUFFIXES.items() if field.endswith(suffix)),
        None,
    )


def scale_between(found: str, asked: str) -> float:
    """Return what to multiply a number of field `found` with, to have the unit of `asked`."""
    have, want = unit_ms(found), unit_ms(asked)
    return 1.0 if have is None or want is None or have == want else have / want


def getter(field: str) -> Getter:
    """Return how a record is asked for a field or, where it has none of the name, its aliases."""
    scaled = scaled_getter(field)
    return lambda record: scaled(record)[0]


def scaled_getter(field: str) -> Callable[[LogRecord], tuple[Found, float]]:
    """Return what gives the value, and what its number is to be multiplied with.

    The product is in the unit of `field`, whatever the name it was found under.
    """
    others = tuple((name, scale_between(name, field)) for name in names_for(field)[1:])
    aliases = frozenset(name for name, _ in others)
    attribute = _attribute_of(field)

    def get(record: LogRecord) -> tuple[Found, float]:
        fields = record.fields
        found: Found = fields.get(field, ...)
        if found is ... and attribute is not None:
            found = attribute(record)
        if found is not ... or aliases.isdisjoint(fields):
            return found, 1.0
        for name, scale in others:
            if name in fields:
                return fields[name], scale
        return ..., 1.0

    return get


def is_attribute(field: str) -> bool:
    """Return whether every record can be asked for it, whatever its fields."""
    return _attribute_of(field) is not None or field in LEVEL_NAMES | TIME_NAMES | TEXT_NAMES


def _attribute_of(field: str) -> Callable[[LogRecord], Found] | None:
    if field in LEVEL_NAMES:
        return _ATTRIBUTES["level"]
    if field in TIME_NAMES:
        return _ATTRIBUTES["time"]
    family = _FAMILY_OF.get(field)
    return _ATTRIBUTES.get(field if family is None else family.name)
