"""Where a record ends and the next begins, from a line and the line before it alone.

Because nothing else is looked at, a log can be cut into records from any line, in any direction,
with the same result.
"""

import re
from typing import Final

from core.logs.parse.levels import level_of_prefix

_INDENT: Final = (b" ", b"\t")
_CLOSERS: Final = b"}]),; \t\r\n"
_TRACEBACK: Final = b"Traceback (most recent call last):"
# Nobody begins a record with these: tracebacks are chained with them, or end with them.
_CHAINED: Final = (
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
    b"[SQL: ",
    b"[parameters: ",
    b"(Background on this error at: ",
    b"[signal SIG",
)
_CAUSES: Final = (b"Caused by: ", b"Suppressed: ")
# The last line of a traceback: a qualified name, or a built-in one by its ending.
_EXCEPTION = re.compile(
    rb"(?:(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*"
    rb"|[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Group|Failure))(?::|\s*$)"
)
_NAME = re.compile(rb"([A-Za-z_][\w.]*)(?:: |:?\s*$)")
_CAMEL = re.compile(rb"(?:\w+\.)*_*[A-Z]+[a-z0-9]+[A-Z]\w*$")
_RAISED = re.compile(rb"\s+raise ([A-Za-z_][\w.]*)")
# A frame of which nothing but a traceback is made: its file, the marks below its code.
_FRAME = re.compile(rb'  File ".*", line \d+|\s+[~^][~^ ]*[\r\n]*$|  \[Previous line repeated ')
_CODE: Final = b"    "
_PACKAGES: Final = (
    b"java.", b"javax.", b"jakarta.", b"kotlin.", b"scala.", b"org.", b"com.", b"net.", b"io.",
)  # fmt: skip
_THROWN = re.compile(rb"(?:[a-z]\w*\.)+[A-Z][\w$]*(?:Exception|Error|Throwable)(?::|\s*$)")
# What nothing that goes on begins with: times, and objects on one line.
_BEGINNERS: Final = frozenset(b"%c" % byte for byte in b"0123456789{")
_STAMPED: Final = tuple(b"%c" % digit for digit in b"0123456789[")
_GOROUTINE: Final = b"goroutine "
_GOROUTINE_HEAD = re.compile(rb"goroutine \d+ [^\n]{0,200}\]:\s*$")
_GO_CALL = re.compile(rb"(?:created by )?[\w./*$(-][^\s(]*(?:\(|\s*$| in goroutine )")
_GO_PLACE = re.compile(rb"\t\S+\.(?:go|s):\d+(?: |\s*$)")
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
    if line[:1] in _BEGINNERS:
        return False  # nearly all lines end here
    if line.startswith(_INDENT) or not line.strip():
        return True
    if line.startswith(_TRACEBACK):
        return not (len(before) < _MAX_ALONE_BYTES and _ALONE.match(before))
    if line.startswith(_CHAINED):
        return True
    if line.startswith(_GOROUTINE) or before.startswith(_GOROUTINE):
        head, call = _GOROUTINE_HEAD.match(line), _GO_CALL.match(line)
        return bool(head or (call and _GOROUTINE_HEAD.match(before)))
    if line.startswith(_PACKAGES) and before.startswith(_STAMPED):
        return _THROWN.match(line) is not None
    return before.startswith(_INDENT) and _ends_indented(line, before)


def _ends_indented(line: bytes, before: bytes) -> bool:
    """Return whether a line at the margin still belongs to an indented one before it."""
    if line.startswith(_CAUSES) or not line.strip(_CLOSERS) or _EXCEPTION.match(line):
        return True
    if before.startswith(b"\t"):
        return bool(_GO_PLACE.match(before) and _GO_CALL.match(line))
    return _is_exception(line, before)


def _is_exception(line: bytes, before: bytes) -> bool:
    """Return whether a line tells the exception whose last frame is the line before it."""
    match = _NAME.match(line)
    if match is None or level_of_prefix(match[1].decode("ascii", "replace")):
        return False
    if _FRAME.match(before):
        return True
    if raised := _RAISED.match(before):
        return raised[1].rsplit(b".", 1)[-1] == match[1].rsplit(b".", 1)[-1]
    return before.startswith(_CODE) and _CAMEL.match(match[1]) is not None


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
