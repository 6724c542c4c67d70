"""Redis' glob patterns, matched by us: one pass over the keys serves every pattern. Pure."""

import re
from functools import lru_cache

MAX_KEY_BYTES = 1024
"""Longer keys are matched by their beginning; nobody names a client or a breaker so."""


def is_pattern(key: str) -> bool:
    """Tell whether it stands for several keys."""
    return any(mark in key for mark in "*?[")


def matches(pattern: str, raw: bytes) -> bool:
    """Tell whether a key is of a pattern."""
    return _compiled(pattern).fullmatch(raw[:MAX_KEY_BYTES]) is not None


def star_parts(pattern: str, raw: bytes) -> tuple[bytes, ...] | None:
    """Return what stands where the stars are; None: the key is not of this pattern."""
    found = _compiled(pattern).fullmatch(raw[:MAX_KEY_BYTES])
    return None if found is None else tuple(found.groups())


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[bytes]:
    """Return the expression: after each star but the last the earliest place that fits is taken.

    No other place needs to be tried, so that no key makes a pattern with many stars slow.
    """
    runs: list[bytes] = [b""]
    at = 0
    while at < len(pattern):
        part, at = _part(pattern, at)
        if part is not None:
            runs[-1] += part
        elif len(runs) == 1 or runs[-1]:
            runs.append(b"")
    expression = runs[0]
    if len(runs) > 1:
        expression += b"".join(b"(?>(.*?)" + run + b")" for run in runs[1:-1])
        expression += b"(.*)" + runs[-1]
    return re.compile(expression, re.DOTALL)


def _part(pattern: str, at: int) -> tuple[bytes | None, int]:
    """Return the expression of one mark or character (None: a star), and where the next begins."""
    mark = pattern[at]
    if mark == "*":
        return None, at + 1
    if mark == "?":
        return b".", at + 1
    end = pattern.find("]", at + 2)
    if mark == "[" and end > 0:
        return _class(pattern[at + 1 : end]), end + 1
    if mark == "\\" and at + 1 < len(pattern):
        return re.escape(pattern[at + 1].encode("utf-8", "surrogateescape")), at + 2
    return re.escape(mark.encode("utf-8", "surrogateescape")), at + 1


def _class(inside: str) -> bytes:
    """Return a set of characters; Redis knows ranges, and `^` for all but these."""
    is_negated = inside.startswith("^")
    marks = inside[1:] if is_negated else inside
    safe = "".join(mark if mark.isalnum() or mark == "-" else f"\\{mark}" for mark in marks)
    head = "[^" if is_negated else "["
    try:
        expression = f"{head}{safe}]".encode("utf-8", "surrogateescape")
        re.compile(expression)
    except re.error:
        return re.escape(f"[{inside}]".encode("utf-8", "surrogateescape"))
    return expression
