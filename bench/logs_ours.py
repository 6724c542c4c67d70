"""The log engine as a command: `python -m bench.logs_ours screen|filter|count FILE [QUERY]`.

Joins scanner, splitter, parser and query without a screen. `screen` prints the last records,
`filter` the last records that match, `count` how many match.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.logs.parse.continuation import split
from core.logs.parse.parser import RecordParser, detect
from core.logs.query.query import Query, parse_query
from core.logs.scan.candidates import candidates
from core.logs.scan.chunk import Chunk, Order
from core.model.log import LogPosition, LogRecord

SCREEN_RECORDS = 60
_TAIL_BYTES = 64 << 10
_LINE_BYTES = 64 << 10
_NOW_S = 1_773_532_800.0


@dataclass
class _File:
    """A plain file as a segment."""

    name: str
    number: int = 0
    begin_byte: int = 0
    descriptor: int = field(init=False)
    end_byte: int = field(init=False)

    def __post_init__(self) -> None:
        self.descriptor = os.open(self.name, os.O_RDONLY)
        self.end_byte = os.fstat(self.descriptor).st_size

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        return os.pread(self.descriptor, size_bytes, offset_byte)


def _tail(file: _File) -> bytes:
    begin = max(0, file.end_byte - _TAIL_BYTES)
    block = file.read(begin, _TAIL_BYTES)
    return block[block.find(b"\n") + 1 :] if begin else block


def _records(
    file: _File, chunk: Chunk, parser: RecordParser, is_newest_first: bool
) -> Iterator[LogRecord]:
    if not chunk.line_starts:
        return
    base = chunk.line_starts[0]
    block = file.read(base, chunk.end_byte - base + _LINE_BYTES)
    for start in reversed(chunk.line_starts) if is_newest_first else chunk.line_starts:
        end = block.find(b"\n", start - base) + 1
        raw = block[start - base : end or len(block)]
        yield parser.parse(file.name, LogPosition(0, start), raw)


def matching(file: _File, query: Query, parser: RecordParser, order: Order) -> Iterator[LogRecord]:
    """Yield the records that match; the files made for measuring have a line to the record."""
    chunks = candidates(file, query.prefilter(), order, 0, file.end_byte, lambda: False)
    for chunk in chunks:
        for record in _records(file, chunk, parser, order is Order.NEWEST_FIRST):
            if query.matches(record):
                yield record


def main() -> None:
    """Do what the arguments say."""
    verb, path = sys.argv[1], Path(sys.argv[2])
    file = _File(str(path))
    tail = _tail(file)
    parser = detect(tail.splitlines()[-100:])
    if verb == "screen":
        for begin, end in split(tail)[-SCREEN_RECORDS:]:
            print(parser.parse(file.name, LogPosition(0, begin), tail[begin:end]).message)
        return
    query = parse_query(sys.argv[3], _NOW_S)
    if verb == "count":
        print(sum(1 for _ in matching(file, query, parser, Order.OLDEST_FIRST)))
        return
    found = matching(file, query, parser, Order.NEWEST_FIRST)
    for record, _ in zip(found, range(SCREEN_RECORDS), strict=False):
        print(record.message)


if __name__ == "__main__":
    main()
