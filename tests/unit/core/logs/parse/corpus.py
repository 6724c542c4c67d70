"""Logs as fixtures: bytes to records the way a reader does it."""

import gzip
from collections.abc import Sequence
from pathlib import Path

from core.logs.parse.continuation import split
from core.logs.parse.custom import Format
from core.logs.parse.parser import RecordParser, detect
from core.model.log import LogLevel, LogPosition, LogRecord

LOGS = Path(__file__).parents[4] / "data" / "logs"
REFERENCE_S = 1_773_480_413.0
"""2026-03-14T09:26:53Z, when the fixtures were written."""


def parser_for(data: bytes, configured: Sequence[Format] = ()) -> RecordParser:
    return detect(data.split(b"\n")[:200], configured, reference_s=REFERENCE_S)


def records_in(data: bytes, configured: Sequence[Format] = ()) -> list[LogRecord]:
    parser = parser_for(data, configured)
    return [
        parser.parse("log", LogPosition(0, begin), data[begin:end])
        for begin, end in split(data)
        if not parser.is_note(data[begin:end])
    ]


def records_of(name: str) -> list[LogRecord]:
    data = (LOGS / name).read_bytes()
    return records_in(gzip.decompress(data) if name.endswith(".gz") else data)


def record_of(line: str | bytes) -> LogRecord:
    data = line.encode() if isinstance(line, str) else line
    (record,) = records_in(data)
    return record


def at_least(records: Sequence[LogRecord], level: LogLevel) -> list[LogRecord]:
    return [record for record in records if record.level is not None and record.level >= level]


def levels(records: Sequence[LogRecord]) -> list[str | None]:
    return [record.level and record.level.word for record in records]
