"""The log's files under the writer's lock: stand where the log stands, then add one record."""

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from core.actions.audit.actor import Actor
from core.actions.audit.anchors import read_last_anchor
from core.actions.audit.chain import OVERRIDE, Link
from core.actions.audit.current import (
    Current,
    Torn,
    broken,
    check_in_place,
    follow_news,
    open_newest,
)
from core.actions.audit.disk import Disk, SinkDead, append_whole
from core.actions.audit.folder import AuditFolder
from core.actions.audit.head import read_head, read_or_make_salt, write_head
from core.actions.audit.names import Segment, month_of
from core.actions.audit.record import (
    VERSION,
    AuditRecord,
    Event,
    Origin,
    actor_document,
    key_name,
    parse_record,
    said,
    sealed,
)
from core.actions.audit.sealing import end_of
from core.clients.clock import Clock
from core.errors import AuditError

KIND = "audit"
TORN = "torn"
_MAX_TORN_NAMES = 100


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, where, by which clock, signed how."""

    actor: Actor
    origin: Origin
    clock: Clock
    session: str = ""
    key: bytes = b""

    def head(self, seq: int, ev: Event, words: Mapping[str, object]) -> dict[str, object]:
        """Return everything of a record but its place in the chain."""
        signed = {"key": key_name(self.key)} if self.key else {}
        session = {"session": self.session} if self.session else {}
        now = self.clock.now().astimezone(UTC)
        return {
            **session,
            **words,
            **signed,
            "v": VERSION,
            "seq": seq,
            "ts": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "mono": int(self.clock.monotonic() * 1_000_000),
            "boot_id": self.origin.boot_id,
            "host": self.origin.host,
            "machine_id": self.origin.machine_id,
            "ev": ev.value,
            "actor": actor_document(self.actor),
        }


class Store:
    """The open log. Every method is called under the writer's lock."""

    def __init__(self, folder: AuditFolder, author: Author, disk: Disk, known: Link) -> None:
        """Take an open folder; `known` is the last record that this process knows of."""
        self.folder = folder
        self.known = known
        self.current: Current | None = None
        self.dead = ""
        """Why the disk is not trusted any more, for good; empty: it is."""
        self._author = author
        self._disk = disk
        self._salt = b""
        self._is_suspect = False
        self._segments: tuple[Segment, ...] = ()

    def refresh(self) -> None:
        """Stand where the log stands now, whoever has written since.

        Raises:
            AuditBroken: it was edited, cut, replaced or taken away.
            AuditError: it cannot be written to.
        """
        self._refuse_if_dead()
        self.folder.check()
        self._segments = self.folder.segments()
        current, torn = self.current, None
        if current is None or self._segments[-1:] != (current.segment,):
            self.let_go()
            torn = self._open()
        else:
            seen = check_in_place(self.folder, current)
            if seen.st_size > current.size_bytes:
                torn = follow_news(current, self._marks(), self._author.key)
                current.changed_ns = seen.st_ctime_ns
            elif seen.st_ctime_ns != current.changed_ns:
                # Edited in place, or only touched: all of it is read again.
                self.let_go()
                torn = self._open()
        if self.current is not None:
            self.known = self.current.link
        if torn is not None:
            self._set_aside(torn)

    def _refuse_if_dead(self) -> None:
        if self.dead:
            raise AuditError(self.dead)

    def _marks(self) -> list[Link]:
        """Return the records that are known to have been written, the newest last."""
        anchor = read_last_anchor(self.folder)
        told = (self.known, read_head(self.folder), anchor.link if anchor is not None else None)
        return sorted((one for one in told if one is not None and one.seq), key=lambda one: one.seq)

    def _open(self) -> Torn | None:
        marks = self._marks()
        if not self._segments:
            if marks:
                raise broken(f"records up to {marks[-1].seq} were written, and no file is there")
            return None
        newest = self._segments[-1]
        if newest.is_packed:
            end = end_of(self.folder, newest)
            if end is None or (marks and end.seq < marks[-1].seq):
                raise broken(f"what came after {newest.name} is gone")
            self.known = end
            return None
        before = end_of(self.folder, self._segments[-2]) if self._segments[1:] else None
        self.current, torn = open_newest(self.folder, newest, before, marks, self._author.key)
        self._is_suspect = self.folder.look(newest.dead_name) is not None
        return torn

    def _set_aside(self, torn: Torn) -> None:
        """Keep what a crash left of a record in a file of its own, cut it off, and say so."""
        current = self.current
        if current is None:
            return
        name = f"{current.segment.plain_name}.{current.link.seq + 1}.torn"
        for number in range(_MAX_TORN_NAMES):
            if self.folder.look(f"{name}{number or ''}") is None:
                name = f"{name}{number or ''}"
                break
        try:
            copy = self.folder.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL)
            try:
                append_whole(self._disk, copy, torn.data, 0)
            finally:
                os.close(copy)
            self._disk.flush_folder(self.folder.file)
            self._disk.truncate(current.file, torn.at_bytes)
        except OSError as error:
            raise AuditError(f"a torn record cannot be set aside: {error.strerror}") from error
        current.size_bytes = torn.at_bytes
        digest = hashlib.sha256(torn.data).hexdigest()
        words = {"code": TORN, "target": name, "target_kind": KIND, "after": digest}
        self.write(Event.RECOVER, {**words, "before": f"{len(torn.data)} bytes"})

    def write(self, ev: Event, fields: Mapping[str, object]) -> AuditRecord:
        """Add a record; it is on the disk when this returns.

        Raises:
            AuditError: it is not; the log is as it was, or the disk is not trusted any more.
        """
        self._refuse_if_dead()
        current = self._writable()
        if not self._salt:
            self._salt = read_or_make_salt(self.folder, self._disk)
        seq = current.link.seq + 1
        head = self._author.head(seq, ev, said(ev, fields, self._salt))
        line, own = sealed(head, current.link.hash, self._author.key)
        try:
            append_whole(self._disk, current.file, line + b"\n", current.size_bytes)
        except SinkDead as error:
            self._die(current, error)
        except OSError as error:
            raise AuditError(f"{current.segment.name} takes no record: {error.strerror}") from error
        current.size_bytes += len(line) + 1
        current.changed_ns = os.fstat(current.file).st_ctime_ns
        current.link = self.known = Link(seq, own)
        current.key_id = current.key_id or key_name(self._author.key)
        with suppress(OSError):  # an older head is still true
            write_head(self.folder, current.link)
        return parse_record(line)

    def _die(self, current: Current, error: SinkDead) -> None:
        """Trust this file no more, neither here nor in the next process."""
        name = current.segment.name
        self.dead = f"{name}: {error.strerror}; check the disk, then start again in a new file"
        with suppress(OSError):
            os.close(self.folder.open(current.segment.dead_name, os.O_RDWR | os.O_CREAT))
        self.let_go()
        raise AuditError(self.dead) from error

    def _writable(self) -> Current:
        """Return the file to write to; there is a new one where the old is not to be trusted."""
        if self.current is None:
            now = self._author.clock.now()
            last = self._segments[-1] if self._segments else None
            self.begin(last.next(now) if last is not None else Segment(month_of(now)), self.known)
        elif self._is_suspect:
            old = self.current
            self._is_suspect = False
            self.begin(old.segment.next(self._author.clock.now()), old.link)
            words = {"code": "flush", "target": old.segment.name, "target_kind": KIND}
            self.write(Event.SINK_DOWN, {**words, "reason": "a flush of this file had failed"})
        if self.current is None:
            raise AuditError("the audit log has no file")
        return self.current

    def begin(self, segment: Segment, link: Link) -> None:
        """Begin a file that goes on behind `link`, and close the old one to writers.

        Raises:
            AuditError: it cannot be made.
        """
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL
        try:
            file = self.folder.open(segment.name, flags)
        except OSError as error:
            raise AuditError(f"{segment.name} cannot be made: {error.strerror}") from error
        try:
            self._disk.flush_folder(self.folder.file)
        except OSError as error:
            os.close(file)
            self.dead = f"the audit folder cannot be flushed: {error.strerror}; check the disk"
            raise AuditError(self.dead) from error
        if self.current is not None:
            with suppress(OSError):
                os.fchmod(self.current.file, 0o400)
        self.let_go()
        self.current = Current(segment, file, 0, link, "")

    def rotate(self, code: str) -> None:
        """Go on in the next file; `code` says why."""
        old = self._writable()
        self.begin(old.segment.next(self._author.clock.now()), old.link)
        words = {"code": code, "target": old.segment.name, "target_kind": KIND}
        self.write(Event.ROTATE, {**words, "before": f"{old.size_bytes} bytes"})

    def rotation_due(self, now: datetime, limit_bytes: int) -> str:
        """Return why the next record belongs into a new file; empty: it does not."""
        current = self.current
        if current is None or current.size_bytes == 0:
            return ""
        if month_of(now) > current.segment.month:
            return "month"
        if current.size_bytes >= limit_bytes:
            return "size"
        return "key" if current.key_id != key_name(self._author.key) else ""

    def override(self, problem: str, name: str, reason: str) -> AuditRecord:
        """Go on in a new file although the log is broken; the first record says who answers.

        Raises:
            AuditError: no file can be made.
        """
        self.let_go()
        self._is_suspect = False
        self._segments = self.folder.segments()
        links = self._marks()
        # A last line that nothing vouches for counts only where nothing else is known.
        if not links and self._segments:
            end = end_of(self.folder, self._segments[-1])
            links = [end] if end is not None else []
        now = self._author.clock.now()
        last = self._segments[-1] if self._segments else None
        segment = last.next(now) if last is not None else Segment(month_of(now))
        self.begin(segment, max(links, key=lambda one: one.seq, default=Link()))
        words = {"code": OVERRIDE, "target": last.name if last else "", "target_kind": KIND}
        return self.write(
            Event.RECOVER, {**words, "before": problem, "reason": f"{name}: {reason}"}
        )

    def let_go(self) -> None:
        """Close the file."""
        if self.current is not None:
            self.current.close()
            self.current = None
