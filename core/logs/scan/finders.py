"""Finders: which lines of a block hold one of a prefilter's patterns.

Hyperscan where it is installed and takes the patterns; else `re` for patterns that are tame; else
every line, since a prefilter may let through too much and never too little (ADR 0013).
"""

import re
from functools import lru_cache
from itertools import accumulate, repeat
from operator import add
from typing import Protocol

from core.logs.query.prefilter import Prefilter
from core.logs.scan.hyperscan_finder import HyperscanFinder, HyperscanRefusedError
from core.logs.scan.tame import is_tame

FAST_CHUNK_BYTES = 1 << 20
SLOW_CHUNK_BYTES = 1 << 18
"""For engines of some 40 MB/s: a chunk is what cancellation may have to wait for."""
_CACHED = 64


class Finder(Protocol):
    """Finds candidate lines. Used by several threads at once."""

    @property
    def chunk_bytes(self) -> int:
        """How much to give it at once."""
        ...

    def line_starts(self, block: bytes, begin: int, end: int, base_byte: int) -> list[int]:
        """Return where candidate lines of `block[begin:end]` start, ascending.

        The range begins at a line's start; `base_byte` is added to every offset in the block.
        """
        ...


class EveryLine:
    """Asks nothing."""

    chunk_bytes = FAST_CHUNK_BYTES

    def line_starts(self, block: bytes, begin: int, end: int, base_byte: int) -> list[int]:
        """Return the starts of all lines."""
        lines = block[begin:end].split(b"\n")
        starts = list(accumulate(map(add, map(len, lines), repeat(1)), initial=base_byte + begin))
        return starts[: -1 if lines[-1] else -2]


class NoLine:
    """Without patterns nothing can match."""

    chunk_bytes = FAST_CHUNK_BYTES

    def line_starts(self, block: bytes, begin: int, end: int, base_byte: int) -> list[int]:
        """Return nothing."""
        return []


class RegexFinder:
    """The standard library, for tame patterns only."""

    chunk_bytes = SLOW_CHUNK_BYTES

    def __init__(self, prefilter: Prefilter) -> None:
        """Compile the patterns into one. Raises re.error."""
        flags = re.MULTILINE | (re.IGNORECASE if prefilter.ignore_case else re.NOFLAG)
        joined = b"|".join(b"(?:" + pattern + b")" for pattern in prefilter.patterns)
        self._search = re.compile(joined, flags).search

    def line_starts(self, block: bytes, begin: int, end: int, base_byte: int) -> list[int]:
        """Search on from the line after each match."""
        starts: list[int] = []
        at = begin
        while at < end and (match := self._search(block, at, end)) and match.start() < end:
            # "No digit before it" may have been the line feed before it.
            place = match.start() + match[0].startswith(b"\n")
            starts.append(base_byte + max(block.rfind(b"\n", begin, place) + 1, begin))
            at = (block.find(b"\n", place, end) + 1) or end
        return starts


@lru_cache(maxsize=_CACHED)
def finder_of(prefilter: Prefilter | None) -> Finder:
    """Return the fastest finder that takes this prefilter, compiled once."""
    if prefilter is None:
        return EveryLine()
    if not prefilter.patterns:
        return NoLine()
    try:
        return HyperscanFinder(prefilter)
    except HyperscanRefusedError:
        return finder_without_hyperscan(prefilter)


def finder_without_hyperscan(prefilter: Prefilter) -> Finder:
    """Return what searches where hyperscan is missing or refuses a pattern."""
    if not all(is_tame(pattern) for pattern in prefilter.patterns):
        return EveryLine()
    try:
        return RegexFinder(prefilter)
    except re.error:
        return EveryLine()
