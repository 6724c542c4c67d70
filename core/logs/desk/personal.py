"""What looks personal in records, by kind and file. No value that is found leaves this package."""

from collections.abc import Iterator, Sequence

from core.logs.browse.opened_log import OpenedLog
from core.logs.files.file_segment import FileSegment
from core.logs.keeping.personal_data import ELSEWHERE, PersonalFinding, PersonalScan
from core.model.log import LogRecord
from core.model.log_view import LogPersonal, LogPersonalFind
from core.model.text import SafeText, clean


class PersonalCount:
    """Takes records; says what looks personal in which file.

    Args:
        logs: Where the records are from.
    """

    def __init__(self, logs: Sequence[OpenedLog]) -> None:
        self._logs = {clean(log.source): log for log in logs}
        self._scan = PersonalScan(is_by_file=True)

    def add(self, record: LogRecord) -> None:
        """Look at one record."""
        self._scan.add(record)

    def result(self, *, is_complete: bool) -> LogPersonal:
        """Return what was found so far, the most frequent first."""
        report = self._scan.result(is_complete=is_complete)
        finds = sorted(map(self._find, report.findings), key=lambda one: -one.count)
        return LogPersonal(
            tuple(finds),
            report.records,
            report.records_with_hits,
            report.cut_records,
            is_complete=is_complete,
            unread=tuple(self._unread()),
        )

    def _unread(self) -> Iterator[SafeText]:
        """Yield of which files not all could be looked at: damaged ones, too large ones."""
        for log in self._logs.values():
            for segment in log.segments:
                if isinstance(segment, FileSegment) and segment.note:
                    yield segment.note

    def _find(self, found: PersonalFinding) -> LogPersonalFind:
        return LogPersonalFind(
            "" if found.source == ELSEWHERE else found.source,
            self._file_of(found),
            found.field,
            clean(str(found.kind)),
            found.count,
            found.first,
            found.last,
            found.samples,
        )

    def _file_of(self, found: PersonalFinding) -> SafeText:
        log = self._logs.get(found.source)
        segments = log.segments if log is not None else ()
        names = (one.name for one in segments if one.number == found.segment)
        return clean(next(names, found.source))
