"""Hyperscan in block mode: many patterns at once, in time linear in the text, without the GIL.

The only importer of `hyperscan`, which it loads when a query has a prefilter (ADR 0013).
"""

import importlib
import re
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from core.logs.query.prefilter import Prefilter

_CHUNK_BYTES = 1 << 20
_REST_OF_LINE = rb"[^\n]*\n"
"""Behind a pattern it makes one report of a line; hyperscan else reports every end of a match."""
_NO_DIGIT_NEXT = b"(?:[^0-9]|$)"
"""How patterns of numbers end; we see to it that a line feed follows."""
_RAW_NUL = re.compile(rb"(\\[^\x00])|\\?\x00", re.DOTALL)


class _Scratch(Protocol): ...


class _Database(Protocol):
    def compile(
        self,
        expressions: Sequence[bytes],
        ids: Sequence[int],
        flags: Sequence[int],
    ) -> None: ...
    def scan(
        self,
        data: bytes | memoryview,
        match_event_handler: Callable[[int, int, int, int, object], None],
        scratch: _Scratch,
    ) -> None: ...


class _Library(Protocol):
    error: type[Exception]
    HS_MODE_BLOCK: int
    HS_FLAG_CASELESS: int
    HS_FLAG_MULTILINE: int

    def Database(self, *, mode: int) -> _Database: ...  # noqa: N802 - the library's name
    def Scratch(self, database: _Database) -> _Scratch: ...  # noqa: N802 - the library's name


class HyperscanRefusedError(ValueError):
    """It is not installed here, or does not take a pattern."""


class HyperscanFinder:
    """Finds candidate lines; several threads may use it, each has a scratch of its own."""

    chunk_bytes = _CHUNK_BYTES

    def __init__(self, prefilter: Prefilter) -> None:
        """Compile, a few milliseconds.

        Raises:
            HyperscanRefusedError: not installed, or a pattern is too large or not supported.
        """
        try:
            self._library = cast("_Library", cast("object", importlib.import_module("hyperscan")))
        except ImportError as error:
            raise HyperscanRefusedError("hyperscan is not installed") from error
        flags = self._library.HS_FLAG_MULTILINE
        if prefilter.ignore_case:
            flags |= self._library.HS_FLAG_CASELESS
        whole = [_to_end_of_line(_without_nul(pattern)) for pattern in prefilter.patterns]
        self._database = self._library.Database(mode=self._library.HS_MODE_BLOCK)
        try:
            self._database.compile(whole, ids=range(len(whole)), flags=[flags] * len(whole))
        except self._library.error as error:
            raise HyperscanRefusedError(str(error)) from error
        self._own = threading.local()

    def line_starts(self, block: bytes, begin: int, end: int, base_byte: int) -> list[int]:
        """Return where lines of `block[begin:end]` with a match start, ascending, plus a base."""
        lines: bytes | memoryview = memoryview(block)[begin:end]
        if end > begin and block[end - 1] != ord("\n"):
            lines = block[begin:end] + b"\n"
        ends: set[int] = set()

        def on_match(_id: int, _begin: int, end: int, _flags: int, _context: object) -> None:
            ends.add(end)

        self._database.scan(lines, on_match, scratch=self._scratch())
        starts = {max(block.rfind(b"\n", begin, begin - 1 + end) + 1, begin) for end in ends}
        return sorted(base_byte + start for start in starts)

    def _scratch(self) -> _Scratch:
        scratch = cast("_Scratch | None", getattr(self._own, "scratch", None))
        if scratch is None:
            scratch = self._own.scratch = self._library.Scratch(self._database)
        return scratch


def _to_end_of_line(pattern: bytes) -> bytes:
    """Let it run on to the line feed; where `$` is inside, the library would not take that."""
    if pattern.endswith(_NO_DIGIT_NEXT):
        pattern = pattern.removesuffix(_NO_DIGIT_NEXT)
        return b"(?:" + pattern + rb")(?:\n|[^0-9\n]" + _REST_OF_LINE + b")"
    return pattern if b"$" in pattern else b"(?:" + pattern + b")" + _REST_OF_LINE


def _without_nul(pattern: bytes) -> bytes:
    """Write NUL as an escape: the library takes patterns as C strings."""
    return _RAW_NUL.sub(lambda found: found[1] or rb"\x00", pattern)
