"""Finds known values in a text, in one pass, whatever stands beside them. Pure.

A value is looked up by its first characters; which places can begin one at all is told by one
expression over the sets of those characters, so that a text without any costs next to nothing.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from core.keys.spellings import LEAST_CHARS, base64_cores, spellings

MOST_WITH_PARTS = 2_000
"""With more values than these, base64 and parts of values are not looked for."""
_CUT = "…"
_IN_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
_MARGIN = re.compile(r"[\s│…‹›>▌▏▸·*\"']*")
_TELLING_CHARS = 12
"""A piece of a value this long is no accident; a shorter one must look like no word."""


class _Heads:
    """Values with the same first characters."""

    __slots__ = ("lengths", "ordered", "values")

    def __init__(self, values: list[str]) -> None:
        self.values = frozenset(values)
        self.ordered = sorted(self.values)
        self.lengths = sorted({len(one) for one in self.values}, reverse=True)

    def longest_at(self, text: str, begin: int) -> int:
        """Return where the longest value that begins here ends; -1: none does."""
        for length in self.lengths:
            if text[begin : begin + length] in self.values:
                return begin + length
        return -1

    def is_begin(self, piece: str) -> bool:
        """Tell whether a value begins with this piece."""
        at = bisect_left(self.ordered, piece)
        return at < len(self.ordered) and self.ordered[at].startswith(piece)


class KnownValues:
    """What is known to be secret, ready to be searched for.

    Args:
        values: Secrets in the clear; those under six characters are left out.
    """

    def __init__(self, values: Iterable[str]) -> None:
        kept = sorted({one for one in values if len(one) >= LEAST_CHARS})
        has_parts = len(kept) <= MOST_WITH_PARTS
        plain = [spelled for one in kept for spelled in spellings(one)]
        cores = [core for one in kept for core in base64_cores(one)] if has_parts else []
        self._cores = frozenset(cores) - frozenset(plain)
        grouped: dict[str, list[str]] = {}
        for one in (*plain, *cores):
            grouped.setdefault(one[:LEAST_CHARS], []).append(one)
        self._heads = {head: _Heads(group) for head, group in grouped.items()}
        self._begin = _begins(self._heads)
        self._inner = frozenset(_inner(plain)) if has_parts else frozenset[str]()
        self._tails = frozenset(one[-LEAST_CHARS:] for one in plain)

    def __bool__(self) -> bool:
        return bool(self._heads)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where values stand, and pieces of them at the ends of what was cut or wrapped.

        In no order, they may overlap.
        """
        if not self._heads or len(text) < LEAST_CHARS:
            return []
        # Most texts are short and have neither: a generator would cost them more than the search.
        found = list(self._whole(text)) if self._begin.search(text) is not None else []
        if self._inner and self._may_have_rest(text):
            found += self._rests(text)
        return found

    def _may_have_rest(self, text: str) -> bool:
        """Tell whether there is a margin or a cut in a text, or it begins inside a value."""
        is_plain = text[0] in _IN_BASE64 and text.isascii()
        return not is_plain or text[:LEAST_CHARS] in self._inner

    def _whole(self, text: str) -> Iterator[tuple[int, int]]:
        at = 0
        while (match := self._begin.search(text, at)) is not None:
            begin = match.start()
            at = begin + 1  # values overlap
            heads = self._heads.get(text[begin : begin + LEAST_CHARS])
            if heads is None:
                continue
            end = heads.longest_at(text, begin)
            if end >= 0:
                is_core = text[begin:end] in self._cores
                yield _widened(text, begin, end) if is_core else (begin, end)
            else:
                yield from _first_part(text, begin, heads)

    def _rests(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield what stands at the beginning, or after a cut, and is the rest of a value."""
        at = 0 if text[0] in _IN_BASE64 else _margin(text, 0)
        while at >= 0:
            end = self._run(text, at)
            is_rest = text[max(at, end - LEAST_CHARS) : end] in self._tails or _is_cut(text, end)
            if end > at and is_rest and _is_telling(text[at:end]):
                yield at, end
            cut = text.find(_CUT, max(at, end))
            at = _margin(text, cut) if cut >= 0 else -1

    def _run(self, text: str, at: int) -> int:
        """Return how far a text goes on inside a value; `at` where it does not."""
        end = at
        while text[end : end + LEAST_CHARS] in self._inner:
            end += 1
        return end + LEAST_CHARS - 1 if end > at else at


def _begins(heads: Iterable[str]) -> re.Pattern[str]:
    sets: list[set[str]] = [set() for _ in range(LEAST_CHARS)]
    for head in heads:
        for characters, one in zip(sets, head, strict=True):
            characters.add(one)
    classes = (f"[{''.join(map(re.escape, sorted(one)))}]" for one in sets if one)
    return re.compile("".join(classes), re.DOTALL)


def _inner(values: Iterable[str]) -> Iterator[str]:
    for one in values:
        for at in range(min(len(one), 4096) - LEAST_CHARS + 1):
            yield one[at : at + LEAST_CHARS]


def _margin(text: str, at: int) -> int:
    match = _MARGIN.match(text, at)
    return match.end() if match is not None else at


def _is_cut(text: str, end: int) -> bool:
    return not text[end:].strip() or text.startswith(_CUT, end)


def _first_part(text: str, begin: int, heads: _Heads) -> Iterator[tuple[int, int]]:
    """Yield the beginning of a value whose rest was cut off, or stands on the next line."""
    cut = text.find(_CUT, begin)
    end = cut if cut >= 0 else len(text.rstrip())
    if heads.is_begin(text[begin:end]) and _is_telling(text[begin:end]):
        yield begin, end


def _is_telling(piece: str) -> bool:
    is_mixed = any(one.isdigit() for one in piece) and any(one.isalpha() for one in piece)
    return len(piece) >= _TELLING_CHARS or (is_mixed and len(piece) >= LEAST_CHARS)


def _widened(text: str, begin: int, end: int) -> tuple[int, int]:
    """Return the whole of a base64 text: its first and last characters hold bits of the value."""
    while begin > 0 and text[begin - 1] in _IN_BASE64:
        begin -= 1
    while end < len(text) and text[end] in _IN_BASE64:
        end += 1
    return begin, end
