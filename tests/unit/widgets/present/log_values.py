"""Records, rows and pictures of logs for these tests."""

from collections.abc import Mapping

from core.model.log import (
    FieldValue,
    LogLevel,
    LogPosition,
    LogRecord,
    Seam,
    SeamKind,
    TimeBasis,
)
from core.model.log_view import LogBucket, LogCount, LogPicture, LogRow, LogStatus
from core.model.text import clean
from widgets.present.line import Line

NOW_S = 1_773_480_413.0
"""2026-03-14T09:26:53Z."""


def record(
    message: str = "it works",
    *,
    time_s: float | None = NOW_S,
    level: LogLevel | None = LogLevel.INFO,
    source: str = "shop/api/app",
    basis: TimeBasis = TimeBasis.ZONED,
    fields: Mapping[str, FieldValue] | None = None,
    details: tuple[str, ...] = (),
    raw: bytes | None = None,
) -> LogRecord:
    return LogRecord(
        source,
        LogPosition(0, 0),
        message.encode("utf-8", "replace") if raw is None else raw,
        clean(message),
        time_s,
        basis,
        level,
        fields=fields or {},
        details=tuple(map(clean, details)),
    )


def row(message: str = "it works", **how: object) -> LogRow:
    return LogRow(record(message, **how))  # type: ignore[arg-type]


def seam(note: str = "the file was moved away") -> LogRow:
    return LogRow(
        seam=Seam("shop/api/app", LogPosition(0, 9), SeamKind.ROTATED, clean(note), NOW_S)
    )


def text_of(line: Line) -> str:
    return "".join(span.text for span in line)


def status(state: str = "following", *, note: str = "", is_chosen: bool = True) -> LogStatus:
    return LogStatus("shop/api/app", clean("shop/api/app"), is_chosen, state, clean(note), 2048)


def picture(**how: object) -> LogPicture:
    how.setdefault("logs", (status(),))
    return LogPicture(**how)  # type: ignore[arg-type]


def counted(*numbers: Mapping[LogLevel | None, int], is_complete: bool = True) -> LogCount:
    buckets = tuple(LogBucket(NOW_S + 10 * at, levels) for at, levels in enumerate(numbers))
    total: dict[LogLevel | None, int] = {}
    for levels in numbers:
        for level, number in levels.items():
            total[level] = total.get(level, 0) + number
    return LogCount(
        sum(total.values()), tuple(total.items()), 0, 10.0, buckets, 512, 1024, is_complete,
        is_begun=True,
    )  # fmt: skip
