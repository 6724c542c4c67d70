"""The segment that is written to, and what its reading at opening came to."""

import errno
import os
import stat
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from core.actions.audit.chain import Chain, Link, follow_past, read_first
from core.actions.audit.folder import AuditFolder
from core.actions.audit.names import Segment
from core.actions.audit.reading import SegmentLines
from core.actions.audit.record import MAX_LINE_BYTES, key_name
from core.errors import AuditBroken, AuditError

_NOT_OURS = frozenset({0, errno.ELOOP, errno.EISDIR, errno.ENXIO})
"""A link, a folder, a pipe, a device, or a file with a second name."""
_REMEDY = "see `quarterdeck audit verify` and, to go on, `quarterdeck audit override`"


@dataclass(slots=True)
class Current:
    """The newest segment, open."""

    segment: Segment
    file: int
    size_bytes: int
    """Up to the end of the last record that we know of."""
    link: Link
    key_id: str
    changed_ns: int = 0
    """When the kernel last changed it, as of our last look: an edit in place keeps the size."""

    def close(self) -> None:
        """Let go of it."""
        os.close(self.file)


@dataclass(frozen=True, slots=True)
class Torn:
    """What a crash left of a record that nobody was told of."""

    at_bytes: int
    data: bytes


def broken(text: str) -> AuditBroken:
    """Return the error for a log that must not be gone on with."""
    return AuditBroken(f"the audit log is broken: {text}; {_REMEDY}")


def check_in_place(folder: AuditFolder, current: Current) -> os.stat_result:
    """Return what the kernel says of the open segment, which must still stand at its name.

    Raises:
        AuditBroken: it was deleted, renamed, replaced or cut.
        AuditError: it was made read-only, or others may write to it.
    """
    name = current.segment.name
    try:
        seen, own = folder.look(name), os.fstat(current.file)
    except OSError as error:
        raise AuditError(f"{name} cannot be looked at: {error.strerror}") from error
    if seen is None:
        raise broken(f"{name} is gone")
    if (seen.st_dev, seen.st_ino) != (own.st_dev, own.st_ino):
        raise broken(f"something else stands at {name}")
    if own.st_size < current.size_bytes:
        raise broken(f"{name} was cut from {current.size_bytes} to {own.st_size} bytes")
    check_mode(name, own)
    return own


def check_mode(name: str, seen: os.stat_result) -> None:
    """Raise AuditError for a file that is read-only, or that others may write to."""
    mode = stat.S_IMODE(seen.st_mode)
    if seen.st_uid not in {0, os.geteuid()}:
        raise AuditError(f"{name} belongs to uid {seen.st_uid}; chown it")
    if not mode & stat.S_IWUSR or mode & (stat.S_IWGRP | stat.S_IWOTH) or seen.st_nlink > 1:
        raise AuditError(f"{name} has mode {mode:04o} and {seen.st_nlink} names; chmod 0600 it")


def open_newest(
    folder: AuditFolder, segment: Segment, before: Link | None, marks: Sequence[Link], key: bytes
) -> tuple[Current, Torn | None]:
    """Open the newest segment and follow it from its first record.

    Args:
        folder: where it is.
        segment: the newest.
        before: the last record of the one before it; None: not known.
        marks: records known to have been written, the last acknowledged one among them.
        key: of the HMAC.

    Raises:
        AuditBroken: a line in the middle is bad, or records that were acknowledged are not there.
        AuditError: it cannot be opened.
    """
    try:
        file = folder.open(segment.name, os.O_RDWR | os.O_APPEND)
    except OSError as error:
        if error.errno in _NOT_OURS:
            raise broken(f"{segment.name} is no file of ours: {error.strerror}") from error
        raise AuditError(f"{segment.name} cannot be opened: {error.strerror}") from error
    try:
        check_mode(segment.name, os.fstat(file))
        current = Current(segment, file, 0, before or Link(), "")
        chain = _begin(current, before, key)
        current.changed_ns = os.fstat(file).st_ctime_ns
        torn = _follow(current, chain, marks)
    except BaseException:
        os.close(file)
        raise
    return current, torn


def follow_news(current: Current, marks: Sequence[Link], key: bytes) -> Torn | None:
    """Follow what other writers have added since.

    Raises:
        AuditBroken: it does not follow.
    """
    if current.size_bytes == 0:
        return _follow(current, _begin(current, current.link, key), marks)
    return _follow(current, Chain(current.link, key if current.key_id else b""), marks)


def _begin(current: Current, before: Link | None, key: bytes) -> Chain | None:
    """Return the chain at the segment's first record; None: there is no whole line yet."""
    raw = os.pread(current.file, MAX_LINE_BYTES + 1, 0)
    line, feed, _ = raw.partition(b"\n")
    if not feed:
        return None
    try:
        first = read_first(line)
    except ValueError:
        return None
    if before is not None and first.before != before and not first.is_override:
        raise broken(f"{current.segment.name} does not follow the file before it")
    if first.key_id and first.key_id != key_name(key):
        raise AuditError(f"the audit log is signed with key {first.key_id[:8]}; give that key")
    current.key_id = first.key_id
    return Chain(first.before, key if first.key_id else b"")


def _follow(current: Current, chain: Chain | None, marks: Sequence[Link]) -> Torn | None:
    """Follow whole lines from `size_bytes` on, and note how far they are good."""
    known = deque(sorted(marks, key=lambda one: one.seq))
    newest = known[-1] if known else Link()
    lines = SegmentLines(current.file, is_packed=False, from_bytes=current.size_bytes)
    for block in lines:
        if chain is None:
            _refuse_unless_last(current, block[0], "it does not begin with a record", newest)
            return Torn(current.size_bytes, block[0] + b"\n")
        stop = follow_past(chain, block, known)
        good = block if stop is None else block[: stop.index]
        current.size_bytes += sum(map(len, good)) + len(good)
        current.link = chain.link
        if stop is not None:
            if stop.is_foreign:
                raise broken(f"{current.segment.name}: {stop.why}")
            _refuse_unless_last(current, block[stop.index], stop.why, newest)
            return Torn(current.size_bytes, block[stop.index] + b"\n")
    _compare(current, newest)
    if len(lines.torn) > MAX_LINE_BYTES:
        raise broken(f"{current.segment.name} ends in bytes that are no record of ours")
    return Torn(current.size_bytes, lines.torn) if lines.torn else None


def _refuse_unless_last(current: Current, line: bytes, why: str, newest: Link) -> None:
    """A bad last line that nobody was told of is what a crash leaves; anything else was done."""
    size = os.fstat(current.file).st_size
    is_last = current.size_bytes + len(line) + 1 == size
    if not is_last or newest.seq > current.link.seq:
        raise broken(f"{current.segment.name}, behind record {current.link.seq}: {why}")


def _compare(current: Current, newest: Link) -> None:
    if newest.seq > current.link.seq:
        raise broken(
            f"records {current.link.seq + 1} to {newest.seq} were acknowledged and are gone"
        )
    if newest.seq == current.link.seq and newest != current.link and newest.seq > 0:
        raise broken(f"record {newest.seq} is not the one that was acknowledged")
