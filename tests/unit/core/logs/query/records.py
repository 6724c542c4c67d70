"""Records for the tests of queries, by hand and from the fixtures through the real parser."""

from collections.abc import Mapping
from pathlib import Path

from core.logs.parse.continuation import split
from core.logs.parse.parser import detect
from core.logs.query.query import Query, parse_query
from core.model.log import FieldValue, LogLevel, LogPosition, LogRecord
from core.model.text import clean

NOW_S = 1_773_480_413.0
"""2026-03-14T09:26:53Z, the `now` of the fixtures."""

LOGS = Path(__file__).parents[4] / "data/logs"


def query(text: str) -> Query:
    return parse_query(text, NOW_S)


def record(
    message: str = "it happened",
    fields: Mapping[str, FieldValue] | None = None,
    level: LogLevel | None = LogLevel.INFO,
    time_s: float | None = NOW_S - 60,
    raw: bytes | None = None,
    logger: str = "",
) -> LogRecord:
    return LogRecord(
        source="demo/app/log",
        position=LogPosition(0, 0),
        raw=message.encode() if raw is None else raw,
        message=clean(message),
        time_s=time_s,
        level=level,
        logger=clean(logger),
        fields=fields or {},
    )


def parsed(content: bytes) -> list[LogRecord]:
    """Return the records of a log's content, as the engine will cut and read it."""
    parser = detect(content.splitlines(keepends=True)[:100])
    pieces = (content[begin:end] for begin, end in split(content))
    return [
        parser.parse("demo/app/log", LogPosition(0, 0), raw)
        for raw in pieces
        if not parser.is_note(raw)
    ]


def fixture_paths() -> list[Path]:
    return sorted(path for path in LOGS.rglob("*") if path.is_file() and path.suffix != ".gz")
