"""The texts that every match of a regular expression contains. Conservative: in doubt, none."""

import re

_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x\{[^}]*\}|x..|[pP](?:\{[^}]*\}|.)|[0-7]{1,3}|.)", re.DOTALL)
_REPEAT = re.compile(r"\{\d+(?:,\d*)?\}|[*?]")
_WRAPPED = re.compile(r"\((?:\?:|\?P?<\w+>)?")


def required_literals(source: str) -> tuple[str, ...] | None:
    r"""Return one text for each alternative of an expression; None where one requires nothing.

    `error: \d+|timed out` requires `error: ` or `timed out`.
    """
    if "\\Q" in source:
        return None
    source = _unwrapped(source)
    found: list[str] = []
    for alternative in _alternatives(source):
        longest = max(_runs(alternative), key=len, default="")
        if not longest:
            return None
        found.append(longest)
    return tuple(found)


def _unwrapped(source: str) -> str:
    """Drop one group around everything."""
    match = _WRAPPED.match(source)
    if match is None or source[match.end() : match.end() + 1] == "?":
        return source
    return source[match.end() : -1] if _group_end(source, 0) == len(source) else source


def _alternatives(source: str) -> list[str]:
    parts: list[str] = []
    begin = at = 0
    while at < len(source):
        if source[at] == "|":
            parts.append(source[begin:at])
            begin = at + 1
        at = _next(source, at)
    return [*parts, source[begin:]]


def _next(source: str, at: int) -> int:
    """Return where the next element begins: past an escape, a class or a whole group."""
    if source[at] == "\\":
        match = _ESCAPE.match(source, at)
    elif source[at] == "[":
        match = _CLASS.match(source, at)
    elif source[at] == "(":
        return _group_end(source, at)
    else:
        return at + 1
    return match.end() if match else len(source)


def _group_end(source: str, at: int) -> int:
    depth = 0
    while at < len(source):
        if source[at] == "(":
            depth += 1
            at += 1
        elif source[at] == ")":
            depth -= 1
            at += 1
            if not depth:
                return at
        else:
            at = _next(source, at)
    return len(source)


def _runs(source: str) -> list[str]:
    """Return the runs of plain characters of one alternative."""
    runs: list[str] = []
    run, at = "", 0
    while at < len(source):
        character, end = source[at], _next(source, at)
        repeat = _REPEAT.match(source, end)
        is_escaped = character == "\\" and not source[at + 1 : at + 2].isalnum()
        is_plain = is_escaped or character not in "\\[(.^$*+?{|)"
        if is_plain and repeat is None:
            run += source[end - 1 : end]
            if source[end : end + 1] != "+":
                at = end
                continue
        runs.append(run)
        run = ""
        at = end if repeat is None else repeat.end()
    return [one for one in [*runs, run] if one]
