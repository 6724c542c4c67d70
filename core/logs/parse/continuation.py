"""Where a record ends and the next begins, from a line and the line before it alone.

Because nothing else is looked at, a log can be cut into records from any line, in any direction,
with the same result.
"""

import re
from typing import Final

_INDENT: Final = (b" ", b"\t")
_CLOSERS: Final = b"}]),; \t\r\n"
_TRACEBACK: Final = b"Traceback (most recent call last):"
_CHAINED: Final = (
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
)
_CAUSES: Final = (b"Caused by: ", b"Suppressed: ")
# The last line of a traceback: a qualified name, or a built-in one by its ending.
_EXCEPTION = re.compile(
    rb"(?:(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*"
    rb"|[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Group|Failure))(?::|\s*$)"
)
# Complete in themselves: a traceback after them was printed by someone else.
_ALONE = re.compile(rb'.*" \d{3}(?: [\w ]*)?\s*$|\{.*\}\s*$', re.DOTALL)
_MAX_ALONE_BYTES: Final = 4096

_COMPOSE = re.compile(
    rb"(?:\x1b\[[0-9;]{0,9}m)?([A-Za-z0-9][\w.-]{0,127}) *\|(?:\x1b\[0m)?(?: |(?=\r?\n|$))"
    rb"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d) )?"
)
_JOURNAL = re.compile(rb"(?:[A-Z][a-z]{2} [ \d]\d|\d{4}-\d\d-\d\dT)[\d:.+Z -]+ (\S+ [^\s:]+): ")
_ENGINE = re.compile(rb'\{"log": ?"((?:\\t)?)')
_ENGINE_TAG: Final = b"{"
_ENTRY_MARK: Final = b'"__REALTIME_TIMESTAMP"'
_ENTRY_PID = re.compile(rb'"_PID" ?: ?("\d+")')
_ENTRY = re.compile(rb'"MESSAGE" ?: ?"((?:\\t)?)')


def continues(line: bytes, before: bytes | None) -> bool:
    """Return whether `line` belongs to the record of the line before it.

    Indented lines, blank lines, tracebacks with their chains and last lines, closing brackets.
    What is carried (by compose, journald, the engine's files) must come from the same process.
    Without a line before (None), it begins a record.
    """
    if before is None:
        return False
    tag, inner = _uncarried(line)
    tag_before, inner_before = _uncarried(before)
    if tag != tag_before:
        return False
    if tag == _ENGINE_TAG and not _ends_its_line(before):
        return True
    if b"\0" in inner[:4]:
        inner, inner_before = _narrow(inner), _narrow(inner_before)
    return _goes_on(inner, inner_before)


def split(block: bytes, before: bytes | None = None) -> list[tuple[int, int]]:
    """Return begin and end of each record in a block of whole lines; they tile the block.

    `before` is the line before the block. When the first line continues it, the first span is the
    rest of a record that began earlier.
    """
    spans: list[tuple[int, int]] = []
    begin = at = 0
    size = len(block)
    while at < size:
        end = block.find(b"\n", at) + 1 or size
        line = block[at:end]
        if at and not continues(line, before):
            spans.append((begin, at))
            begin = at
        before = line
        at = end
    if size:
        spans.append((begin, size))
    return spans


def _goes_on(line: bytes, before: bytes) -> bool:
    if line.startswith(_INDENT) or not line.strip():
        return True
    if line.startswith(_TRACEBACK):
        return not (len(before) < _MAX_ALONE_BYTES and _ALONE.match(before))
    if line.startswith(_CHAINED):
        return True
    if not before.startswith(_INDENT):
        return False
    return (
        line.startswith(_CAUSES) or not line.strip(_CLOSERS) or _EXCEPTION.match(line) is not None
    )


def _uncarried(line: bytes) -> tuple[bytes, bytes]:
    """Return who carried a line (empty for nobody), and the line without that."""
    lead = line[:1]
    if lead == b"{":
        if match := _ENGINE.match(line):
            return _ENGINE_TAG, _quoted(line, match)
        if _ENTRY_MARK in line and (match := _ENTRY.search(line)):
            pid = _ENTRY_PID.search(line)
            return pid[1] if pid else b"", _quoted(line, match) if pid else line
        return b"", line
    if b"|" in line[:160] and (match := _COMPOSE.match(line)):
        return match[1], line[match.end() :]
    if (line[9:10] == b":" or line[10:11] == b"T") and (match := _JOURNAL.match(line)):
        return match[1], line[match.end() :]
    return b"", line


def _quoted(line: bytes, match: re.Match[bytes]) -> bytes:
    """Return what the text in quotes after a match begins with, an empty one as a blank line."""
    inner = line[match.end() :]
    return b"\t" + inner if match[1] or inner.startswith((b'\\n"', b'"')) else inner


def _ends_its_line(entry: bytes) -> bool:
    """Return whether an engine's entry holds the end of a line: longer ones come in pieces."""
    return b'\\n","stream"' in entry or b'\\n", "stream"' in entry or b'"stream"' not in entry


def _narrow(line: bytes) -> bytes:
    """Return a line of UTF-16 as if it were ASCII, enough to see how it begins."""
    return line.replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
