"""Reads the whole log and names the first record that cannot stand where it is."""

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from core.actions.audit.anchors import Anchor, read_anchors
from core.actions.audit.chain import EXPIRED, Chain, First, Link, follow_past, read_first
from core.actions.audit.folder import AuditFolder
from core.actions.audit.head import read_head
from core.actions.audit.names import ANCHORS, Segment, month_of
from core.actions.audit.reading import SegmentLines, open_segment
from core.actions.audit.record import Event, key_name, parse_record
from core.actions.audit.sealing import read_seal
from core.errors import AuditError

_LOCK_S = 2.0
_EXPIRED = f'"code":"{EXPIRED}"'.encode()


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the log is not what was written."""

    seq: int
    """The number of the record that should stand there."""
    file: str
    line: int
    """From 1; 0: not one line but the file, or what is missing behind its end."""
    why: str
    is_overridden: bool = False
    """Somebody has answered for it by name; the record after it says who."""


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What the whole log amounts to."""

    records: int
    """Good ones."""
    first_seq: int
    last: Link
    files: int
    anchors: int
    """How many were found to agree."""
    unanchored: int
    """Records behind the last anchor: their loss, and nothing else, would not be seen."""
    breaks: tuple[Break, ...] = ()

    @property
    def bad(self) -> Break | None:
        """The first break."""
        return self.breaks[0] if self.breaks else None


def verify(
    path: Path,
    since: datetime | None = None,
    anchors: Sequence[Anchor] = (),
    key: bytes = b"",
) -> VerifyResult:
    """Read the log in a folder to its end.

    Args:
        path: the folder.
        since: begin with the file of this moment's month, and take its beginning as given.
        anchors: those kept elsewhere; the ones beside the log are used as well.
        key: of the HMAC, where there is one.

    Raises:
        AuditError: the folder cannot be read.
    """
    folder = AuditFolder(path, is_for_reading=True)
    try:
        return _Verifier(folder, anchors, key).run(since)
    finally:
        folder.close()


class _Verifier:
    """One pass."""

    def __init__(self, folder: AuditFolder, anchors: Sequence[Anchor], key: bytes) -> None:
        self._folder = folder
        self._key = key
        self._breaks: list[Break] = []
        self._records = 0
        self._first_seq = 0
        self._link: Link | None = Link()
        """Where the chain stands; None: the next file's beginning is taken as given."""
        self._is_lost = False
        self._was_signed = False
        self._unvouched: Link | None = None
        # A writer goes on meanwhile: what counts is what stood there at one moment.
        with folder.locked(_LOCK_S):
            self._segments = folder.segments()
            self._head = read_head(folder)
            stored, odd = self._read_anchors()
            newest = folder.look(self._segments[-1].name) if self._segments else None
            self._newest_bytes = newest.st_size if newest is not None else 0
        if odd:
            self._breaks.append(Break(0, ANCHORS, 0, f"{odd} lines are no anchors"))
        both = {(one.seq, one.hash): one.link for one in (*anchors, *stored)}
        self._known = sorted(both.values(), key=lambda one: one.seq)
        self._marks = deque(self._known)

    def _read_anchors(self) -> tuple[tuple[Anchor, ...], int]:
        try:
            return read_anchors(self._folder)
        except OSError as error:
            raise AuditError(f"{ANCHORS} cannot be read: {error.strerror}") from error

    def run(self, since: datetime | None) -> VerifyResult:
        chosen = self._segments
        if since is not None:
            chosen = tuple(one for one in chosen if one.month >= month_of(since)) or chosen[-1:]
            if chosen != self._segments:
                self._link = None
        for segment in chosen:
            self._take(segment)
        link = self._link or Link()
        if not self._is_lost:
            self._compare_end(link, chosen)
        passed = [one for one in self._known if self._first_seq <= one.seq <= link.seq]
        newest = passed[-1].seq if passed else self._first_seq - 1
        return VerifyResult(
            records=self._records,
            first_seq=self._first_seq,
            last=link,
            files=len(chosen),
            anchors=len(passed),
            unanchored=max(0, link.seq - max(0, newest)),
            breaks=tuple(self._breaks),
        )

    def _take(self, segment: Segment) -> None:
        """Follow one file."""
        number = 0
        try:
            file, found = open_segment(self._folder, segment)
        except AuditError as error:
            self._break(segment, 0, str(error))
            return
        try:
            is_newest = segment == self._segments[-1] and not found.is_packed
            until = self._newest_bytes if is_newest else None
            lines = SegmentLines(file, found.is_packed, until_bytes=until)
            chain: Chain | None = None
            begin, last = 0, b""
            for block in lines:
                if chain is None:
                    chain = self._begin(segment, block[0])
                    if chain is None:
                        return
                    begin = chain.link.seq + 1
                before = chain.link.seq
                stop = follow_past(chain, block, self._marks)
                self._records += chain.link.seq - before
                self._link = chain.link
                if stop is not None:
                    seq = chain.link.seq + (0 if stop.is_foreign else 1)
                    self._break(segment, number + stop.index + 1, stop.why, seq)
                    return
                self._find_voucher(block)
                last = block[-1]
                number += len(block)
            if lines.torn:
                self._break(segment, number + 1, "half a line stands at the end")
            if found.is_packed and chain is not None:
                self._compare_seal(found, lines, begin, last)
        except AuditError as error:
            self._break(segment, number + 1, str(error))
        finally:
            os.close(file)

    def _begin(self, segment: Segment, line: bytes) -> Chain | None:
        """Return the chain at a file's first record; None: it cannot be followed."""
        try:
            first = read_first(line)
        except ValueError as error:
            self._break(segment, 1, str(error))
            return None
        if self._is_lost and not first.is_override:
            return None
        if not self._is_signed_as_due(segment, first):
            return None
        if self._link is None:
            pass
        elif first.before != self._link:
            if not self._is_gap_known(segment, first):
                return None
        elif first.is_override:
            self._override()
        self._is_lost = False
        if not self._first_seq:
            self._first_seq = first.seq
        key = self._key if first.key_id else b""
        return Chain(first.before, key)

    def _is_gap_known(self, segment: Segment, first: First) -> bool:
        """Tell whether a file may begin elsewhere than where the one before it ended."""
        if self._link == Link() and segment == self._segments[0] and first.seq > 1:
            self._unvouched = first.before
            return True
        why = "records are missing before it, or it is of another log"
        if not self._is_lost:
            self._break(segment, 1, why)
        if first.is_override:
            self._override()
        return first.is_override

    def _is_signed_as_due(self, segment: Segment, first: First) -> bool:
        if first.key_id and first.key_id != key_name(self._key):
            why = "signed with a key that was not given" if not self._key else "another key's"
            self._break(segment, 1, f"{why} (key {first.key_id[:8]})")
            return False
        is_last = segment.plain_name == self._segments[-1].plain_name
        if not first.key_id and (self._was_signed or (self._key and is_last)):
            self._break(segment, 1, "it is not signed, though the log is")
            return False
        self._was_signed = bool(first.key_id)
        return True

    def _compare_seal(self, segment: Segment, lines: SegmentLines, begin: int, last: bytes) -> None:
        seal, record = read_seal(self._folder, segment), parse_record(last)
        if seal is None:
            self._break(segment, 0, "its seal is gone or cannot be read")
        elif seal.sha256 != lines.packed_sha256 or seal.plain_bytes != lines.size_bytes:
            self._break(segment, 0, "it is not the file that was sealed")
        elif (seal.first_seq, seal.last, seal.last_at) != (
            begin,
            Link(record.seq, record.hash),
            record.at,
        ):
            self._break(segment, 0, "its seal was edited")

    def _override(self) -> None:
        self._breaks = [replace(one, is_overridden=True) for one in self._breaks]

    def _find_voucher(self, lines: Sequence[bytes]) -> None:
        """Look for the record that says why the first file does not begin with record 1."""
        if self._unvouched is None:
            return
        for line in lines:
            if _EXPIRED not in line:
                continue
            record = parse_record(line)
            if record.ev == Event.ROTATE and record.after == self._unvouched.hash:
                self._unvouched = None
                return

    def _compare_end(self, link: Link, chosen: Sequence[Segment]) -> None:
        """Hold the end of the log against what is known to have been written."""
        last = chosen[-1] if chosen else Segment(0)
        if self._unvouched is not None:
            why = f"records up to {self._unvouched.seq} are gone, and none says they expired"
            self._breaks.insert(0, Break(1, chosen[0].name, 1, why))
        if self._head is not None and self._head.seq > link.seq:
            self._break(last, 0, f"records up to {self._head.seq} were acknowledged and are gone")
        elif self._head is not None and self._head.seq == link.seq and self._head != link:
            self._break(last, 0, f"record {link.seq} is not the one that was acknowledged")
        elif self._known and self._known[-1].seq > link.seq:
            self._break(last, 0, f"records up to {self._known[-1].seq} were anchored and are gone")

    def _break(self, segment: Segment, line: int, why: str, seq: int | None = None) -> None:
        if not self._is_lost:
            due = (self._link or Link()).seq + 1 if seq is None else seq
            self._breaks.append(Break(due, segment.name, line, why))
        self._is_lost = True
