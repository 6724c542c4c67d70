"""What a scan must find, found in the plainest way."""

import re

from core.logs.query.prefilter import Prefilter


def lines_of(data: bytes) -> list[tuple[int, bytes]]:
    """Return offset and text of every line, without its line feed."""
    lines: list[tuple[int, bytes]] = []
    offset = 0
    for line in data.split(b"\n"):
        lines.append((offset, line))
        offset += len(line) + 1
    return lines if lines[-1][1] else lines[:-1]


def matching_starts(
    data: bytes, prefilter: Prefilter | None, begin_byte: int = 0, end_byte: int | None = None
) -> list[int]:
    """Return the starts of the lines of the range that hold a pattern."""
    end_byte = len(data) if end_byte is None else end_byte
    flags = re.IGNORECASE if prefilter and prefilter.ignore_case else 0
    return [
        offset
        for offset, line in lines_of(data)
        if begin_byte <= offset < end_byte
        and (
            prefilter is None
            or any(re.search(pattern, line, flags) for pattern in prefilter.patterns)
        )
    ]
