"""The parser of a log: bytes of a record in, a LogRecord out, whatever the bytes are."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from itertools import pairwise
from typing import Final

from core.logs.parse.continuation import continues
from core.logs.parse.custom import Format
from core.logs.parse.decode import shown, text_of, wide_codec
from core.logs.parse.levels import HEADER_LEVELS
from core.logs.parse.payload import parse_object
from core.logs.parse.reading import Columns, Context, Reading
from core.logs.parse.times import STAMP, Clockwork
from core.logs.parse.transport import COMPOSE, inner_text, read_carried
from core.model.log import LogLevel, LogPosition, LogRecord
from core.model.text import EMPTY, SafeText, clean

_COMPOSE_NOTE = re.compile(
    r"Attaching to .*|\S+ exited with code -?\d+(?: \(restarting\))?|Gracefully stopping\.\.\. .*"
)
_NOTE = re.compile(
    r"-- (?:Logs begin at|Journal begins at|Boot |Reboot|No entries|cursor:).*|==> .+ <=="
)
_TWO_WORDS = re.compile(
    rf"{STAMP}[ \t]+\[?([\w.-]{{1,100}})\]?:? +\[?([\w.-]{{1,100}})\]?:?(?: |$)", re.ASCII
)
_MAX_NOTE_BYTES: Final = 4096
_SAMPLE_BYTES: Final = 16_384
_JUDGED_RECORDS: Final = 100
"""Of a sample, about so many are parsed, evenly spread: somebody waits for the first screen."""
_MAX_LATER_LINES: Final = 20_000
"""Lines of one record: a mebibyte may hold half a million, which would cost a third of a second."""
_COLUMN_SHARE: Final = 0.6
_COMPOSE_SHARE: Final = 0.5
_MAX_DISTINCT_SHARE: Final = 0.5
_MIN_COLUMN_LINES: Final = 4
_TRACEBACK: Final = "Traceback (most recent call last):"
_ENGINE: Final = '{"log":'


@dataclass(frozen=True, slots=True)
class RecordParser:
    """Reads the records of one log. Made by `detect`; holds no state, so threads may share it."""

    context: Context
    codec: str | None = None
    """The UTF-16 codec that the log's byte-order mark names."""
    format: str = "text"
    """The format of most lines that `detect` saw."""

    @property
    def is_transcoded(self) -> bool:
        """Whether the bytes differ from the text: no pattern on bytes can find anything."""
        return self.codec is not None

    def parse(
        self, source: str, position: LogPosition, raw: bytes, is_cut: bool = False
    ) -> LogRecord:
        """Return the record that `raw` holds; never raises.

        Args:
            source: the log that it stands in, as `system/service/log`, or a path.
            position: where it begins.
            raw: all its bytes, line ends included.
            is_cut: only the beginning is here. Fields of a JSON object that are whole count.
        """
        text = text_of(raw, self.codec)
        end = text.find("\n")
        later: list[str] = []
        if end >= 0:
            if end + 1 < len(text):
                text, later = self._with_later_lines(text)
            else:
                text = text[:end]
        text = text[:-1] if text[-1:] == "\r" else text
        reading = self._read(text, is_cut)
        details: tuple[SafeText, ...] = ()
        if later or reading.details:
            details = tuple(shown(line) for line in (*reading.details, *later))
        level = reading.level
        if level is None and _TRACEBACK in details:
            level = LogLevel.ERROR  # an exception that nobody gave a level
        message = reading.message
        return LogRecord(
            source,
            position,
            raw,
            clean(message) if "\x1b" not in message else shown(message),
            reading.time_s,
            reading.time_basis,
            level,
            shown(reading.logger) if reading.logger else EMPTY,
            reading.format,
            reading.fields,
            details,
            is_cut,
        )

    def is_note(self, line: bytes) -> bool:
        """Return whether a line is the carrier's own remark rather than part of a log."""
        if len(line) > _MAX_NOTE_BYTES:
            return False
        is_bare = self.codec is None and not self.context.is_compose
        if is_bare and (line[:1].isalnum() or line[:1] == b"{"):
            return False  # asked of every record, and nearly all end here
        text = text_of(line, self.codec).rstrip("\r\n")
        if self.context.is_compose and _COMPOSE_NOTE.fullmatch(text):
            return True
        return _NOTE.fullmatch(text) is not None

    def _read(self, text: str, is_cut: bool) -> Reading:
        context = self.context
        if context.configured and (reading := context.read_configured(text)) is not None:
            return reading
        return read_carried(text, context, is_cut)

    def _with_later_lines(self, text: str) -> tuple[str, list[str]]:
        """Return the first line, and the others without their carrier and the blank end."""
        first, *rest = text.removesuffix("\n").split("\n")
        if first.startswith(_ENGINE) and (joined := _joined_pieces(first, rest)) is not None:
            first, rest = joined
        if len(rest) > 1 and first == "{" and parse_object(text.strip()) is not None:
            return text.strip().replace("\n", " "), []
        kept = rest[:_MAX_LATER_LINES]
        lines = [inner_text(line.removesuffix("\r"), self.context) for line in kept]
        while lines and not lines[-1].strip():
            lines.pop()
        if left_out := len(rest) - len(kept):
            lines.append(f"… (and {left_out} lines)")
        return first, lines


def _joined_pieces(first: str, rest: Sequence[str]) -> tuple[str, list[str]] | None:
    """Join the engine's entries to one: it cuts long lines at 16 KiB and writes a line an entry."""
    payloads = [parse_object(line.removesuffix("\r")) for line in (first, *rest) if line.strip()]
    texts = [payload[0].get("log") for payload in payloads if payload is not None]
    whole = payloads[0]
    if whole is None or len(texts) != len(payloads):
        return None
    log = "".join(text for text in texts if isinstance(text, str))
    return json.dumps({**whole[0], "log": log}), []


def detect(
    sample_lines: Sequence[bytes],
    configured: Sequence[Format] = (),
    zone: tzinfo = UTC,
    reference_s: float | None = None,
) -> RecordParser:
    """Return the parser for a log, judged by some of its lines.

    Args:
        sample_lines: any lines of it; the first of the log among them, if it can be had, since
            only that one has the byte-order mark.
        configured: formats from the configuration, tried before the known ones, in this order.
        zone: where times without a zone were written.
        reference_s: about when the log was written last, seconds since 1970, to find the year of
            times without one.
    """
    has_nul = any(b"\0" in line for line in sample_lines)
    codec = wide_codec(sample_lines[0]) if has_nul else None
    texts = [text_of(line[:_SAMPLE_BYTES], codec).rstrip("\r\n") for line in sample_lines]
    texts = [text for text in texts if text.strip()]
    is_compose = _is_compose(texts)
    if is_compose:
        matches = [COMPOSE.fullmatch(text) for text in texts]
        bare = [match[2] or "" for match in matches if match is not None]
    else:
        bare = texts
    context = Context(Clockwork(zone, reference_s), _columns(bare), is_compose, tuple(configured))
    parser = RecordParser(context, codec)
    begins = [
        line
        for before, line in pairwise((None, *sample_lines))
        if line and not continues(line, before) and not parser.is_note(line)
    ]
    names = Counter(
        parser.parse("", LogPosition(0, 0), line[:_SAMPLE_BYTES]).format
        for line in begins[:: 1 + len(begins) // _JUDGED_RECORDS]
    )
    return replace(parser, format=names.most_common(1)[0][0] if names else "text")


def _is_compose(texts: Sequence[str]) -> bool:
    prefixed = sum(COMPOSE.fullmatch(text) is not None for text in texts)
    is_announced = any(text.startswith("Attaching to ") for text in texts[:5])
    return prefixed > 0 and (is_announced or prefixed >= len(texts) * _COMPOSE_SHARE)


def _columns(texts: Sequence[str]) -> Columns:
    """Return whether the word after, or before, the level is a logger in most lines.

    A logger's name recurs, or a payload follows it; the first words of messages differ.
    """
    after: list[str] = []
    before: list[str] = []
    is_followed = False
    for text in texts:
        match = _TWO_WORDS.match(text)
        if match is None:
            continue
        if match[1] in HEADER_LEVELS:
            after.append(match[2])
            is_followed = is_followed or text[match.end() : match.end() + 1] == "{"
        elif match[2] in HEADER_LEVELS:
            before.append(match[1])
    total = len(after) + len(before)
    return Columns(
        is_followed or _recurs(after),
        len(before) >= total * _COLUMN_SHARE and _recurs(before),
    )


def _recurs(words: Sequence[str]) -> bool:
    if len(words) < _MIN_COLUMN_LINES:
        return False
    return len(set(words)) <= len(words) * _MAX_DISTINCT_SHARE
