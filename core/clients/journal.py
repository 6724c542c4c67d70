"""The journal of a systemd unit: follows `journalctl` and feeds its JSON lines into a sink."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from core.clients.child_stream import ChildStream
from core.clients.log_sink import FeedThread, LogSink
from core.clients.systemd import UNIT_NAME
from core.errors import ClientError, ClientGarbled
from core.model.follow import FollowWord
from core.model.log import SeamKind
from core.model.text import SafeText, clean

_ENV = {"SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
# Quotes inside a value are escaped in JSON, so these match keys and nothing that a service wrote.
_CURSOR = re.compile(rb'(?<!\\)"__CURSOR"\s*:\s*"([^"\\]{1,500})"')
_BOOT = re.compile(rb'(?<!\\)"_BOOT_ID"\s*:\s*"([0-9a-f]{32})"')
_NO_TEXT = re.compile(rb'(?<!\\)"MESSAGE"\s*:\s*null')
_MAX_PENDING = 16 * 1024 * 1024


class JournalStream(Protocol):
    """What the feed needs of a running journalctl."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield bytes as they come, blocking; none of them when it has complained."""
        ...

    def take_complaints(self) -> tuple[SafeText, ...]:
        """Return what it complained of since the last time."""
        ...

    def close(self) -> None:
        """End it, from any thread."""
        ...

    def bury(self) -> int | None:
        """End it and wait; return its exit code, negative for a signal."""
        ...


OpenJournal = Callable[[tuple[str, ...], Mapping[str, str]], JournalStream]


_NO_ENTRIES = b"-- No entries --"
"""What journalctl prints among the entries where it does not follow and there are none."""


def journal_argv(
    unit: str, tail_lines: int, cursor: str = "", *, is_followed: bool = True
) -> tuple[str, ...]:
    """Return the command that reads a unit: its last lines, or those after a cursor.

    Unless it follows, its end is that of the past.
    `--all`: without it values over 4 KiB come as null.

    Raises:
        ClientGarbled: the name is none of a unit.
    """
    if not UNIT_NAME.match(unit) or unit.startswith("-"):
        raise ClientGarbled(f"not a unit name: {clean(unit, 80)}")
    begin = f"--after-cursor={cursor}" if cursor else f"--lines={tail_lines}"
    follow = (("--follow", "--no-tail") if cursor else ("--follow",)) if is_followed else ()
    fixed = ("journalctl", "--output=json", "--all", "--no-pager")
    return (*fixed, *follow, begin, f"--unit={unit}")


def judge_complaint(text: str) -> SeamKind | None:
    """Return the seam that journalctl's words mean; None: they only matter when it fails. Pure."""
    if "not seeing messages" in text or "insufficient permissions" in text:
        return SeamKind.SKIPPED
    if "corrupt" in text or "truncated" in text or "Bad message" in text:
        return SeamKind.UNREADABLE
    if "ignoring" in text or "rotated" in text or "vacuum" in text.lower():
        return SeamKind.SKIPPED
    return None


class JournalFeed(FeedThread):
    """Follows one unit in a daemon thread; a journalctl that ends is started again.

    The past is read first, by a journalctl that does not follow: that it has ended is the only sign
    that a long journal was searched to its end. Following goes on after its last entry.
    """

    def __init__(
        self,
        unit: str,
        sink: LogSink,
        tail_lines: int = 10_000,
        open_journal: OpenJournal = ChildStream,
    ) -> None:
        """Take a unit's name."""
        super().__init__(f"journal-{unit[:20]}")
        self._unit = unit
        self._sink = sink
        self._tail_lines = tail_lines
        self._open = open_journal
        self._cursor = ""
        self._boot = b""
        self._has_read = False
        self._has_past = self._has_followed = False
        self._pending = b""

    def _turn(self) -> bool:
        try:
            if not self._has_past and not self._read_past():
                return False
            return not self.is_closing and self._follow()
        except ClientError as error:
            self._sink.tell(FollowWord.REFUSED, str(error))
            return False

    def _read_past(self) -> bool:
        """Feed what was written before; return whether journalctl could say."""
        argv = journal_argv(self._unit, self._tail_lines, self._cursor, is_followed=False)
        _, exit_code = self._read(self._open(argv, _ENV))
        self._has_past = exit_code is None or exit_code <= 0
        if self._has_past and not self.is_closing:
            self._sink.end_past()
        return self._has_past

    def _follow(self) -> bool:
        argv = journal_argv(self._unit, self._tail_lines, self._cursor)
        stream = self._open(argv, _ENV)
        if self._has_read and self._has_followed:
            self._sink.mark(SeamKind.REOPENED, "journalctl ended; reading on after the last entry")
        self._has_followed = True
        count, _ = self._read(stream)
        return count > 0

    def _read(self, stream: JournalStream) -> tuple[int, int | None]:
        """Feed a stream to its end; return how many bytes came, and its exit code."""
        self.hold(stream)
        self._sink.tell(FollowWord.FOLLOWING)
        self._pending, count = b"", 0
        try:
            for data in stream:
                self._note(stream)
                count += self._take(data)
        finally:
            self.hold(None)
            exit_code = stream.bury()
        self._note(stream, exit_code)
        return count, exit_code

    def _take(self, data: bytes) -> int:
        """Pass whole lines on, with a seam where the machine was started anew."""
        whole, feed, self._pending = (self._pending + data).rpartition(b"\n")
        if len(self._pending) > _MAX_PENDING:
            self._pending = b""
            self._sink.mark(SeamKind.SKIPPED, "an entry over 16 MiB was left out")
        whole += feed
        at = 0
        if whole.startswith(_NO_ENTRIES):
            return 0
        for line in whole.splitlines(keepends=True):
            boot = _BOOT.search(line)
            if boot is not None and boot[1] != self._boot:
                if self._boot:
                    self._sink.feed(whole[:at])
                    whole, at = whole[at:], 0
                    self._sink.mark(SeamKind.REOPENED, "the machine was started anew here")
                self._boot = boot[1]
            if _NO_TEXT.search(line):
                self._sink.mark(SeamKind.SKIPPED, "journald gave an entry without its text")
            at += len(line)
        if whole:
            self._remember(whole)
            self._sink.feed(whole)
            self._has_read = True
        return at

    def _remember(self, whole: bytes) -> None:
        cursors = _CURSOR.findall(whole, max(0, whole.rfind(b"\n", 0, -1)))
        if cursors:
            self._cursor = cursors[-1].decode("ascii", "replace")

    def _note(self, stream: JournalStream, exit_code: int | None = None) -> None:
        complaints = stream.take_complaints()
        for text in complaints:
            kind = judge_complaint(text)
            if kind is not None:
                self._sink.mark(kind, f"journalctl: {text}")
        if exit_code is not None and exit_code > 0 and not self.is_closing:
            word = FollowWord.GONE if self._has_read else FollowWord.REFUSED
            said = " ".join(complaints)[:300] or f"it ended with {exit_code}"
            self._sink.tell(word, f"journalctl: {said}")
