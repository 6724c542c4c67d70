"""Prints records as they are found, in few large writes."""

from cli.log_lines import coloured, json_line, raw_lines, tagged
from cli.log_reading import OpenLog, Reading
from cli.output import is_coloured, print_text
from core.model.log import LogPosition, LogRecord
from core.model.text import SafeText

_MAX_PENDING = 64 * 1024
"""Characters kept back until the next stretch of a log was read."""


class Printing:
    """Prints records of a reading.

    Args:
        reading: Where they come from.
        is_json: As JSON lines.
        is_prompt: Somebody waits for each of them.
    """

    def __init__(self, reading: Reading, *, is_json: bool, is_prompt: bool = False) -> None:
        self._logs = {log.opened.source: log for log in reading.logs}
        self._is_json = is_json
        self._is_prompt = is_prompt
        self._is_coloured = not is_json and is_coloured()
        self._pending: list[str] = []
        self._pending_chars = 0
        self._last: dict[tuple[str, int], LogRecord] = {}
        """By log and segment: files of a glob are printed side by side."""

    def add(self, record: LogRecord) -> bool:
        """Print a record; of one that was printed and has grown, only what is new.

        A JSON line is printed again whole. False: it was printed just so before.
        """
        text = self._text(record)
        if self._is_prompt:
            self._last[record.source, record.position.segment] = record
        if not text:
            return False
        self._pending.append(text)
        self._pending_chars += len(text)
        if self._pending_chars > _MAX_PENDING:
            self.flush()
        return True

    def is_known(self, source: str, position: LogPosition) -> bool:
        """Return whether the record at a position was the last of its file that was printed."""
        last = self._last.get((source, position.segment))
        return last is not None and last.position == position

    def flush(self) -> None:
        """Write what is pending."""
        if self._pending:
            text = "".join(self._pending)
            self._pending.clear()
            self._pending_chars = 0
            print_text(text)

    def _text(self, record: LogRecord) -> str:
        log = self._logs[record.source]
        key = (record.source, record.position.segment)
        last = self._last.get(key) if self._is_prompt else None
        has_grown = last is not None and last.position == record.position
        if has_grown and last is not None and last.raw == record.raw:
            return ""
        if self._is_json:
            return json_line(record)
        lines = raw_lines(record, _codec(log))
        if has_grown and last is not None and record.raw.startswith(last.raw):
            lines = _new_lines(lines, raw_lines(last, _codec(log)))
        text = tagged(lines, log.tag)
        return coloured(text, record.level) if self._is_coloured else text


def _new_lines(lines: list[SafeText], shown: list[SafeText]) -> list[SafeText]:
    """Return the lines that were not shown; the last that was, again, where it went on."""
    went_on = lines[len(shown) - 1 : len(shown)] != shown[-1:]
    return lines[len(shown) - went_on :]


def _codec(log: OpenLog) -> str | None:
    return log.opened.parser.codec
