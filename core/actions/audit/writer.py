"""The audit log's one way in: a record is on the disk when `append` returns, or nothing is.

Blocking: callers run it in a thread. Order is fixed: intent durable, effect, result durable.
"""

import errno
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.actions.audit.anchors import Anchor, is_older, read_last_anchor, store_anchor
from core.actions.audit.chain import EXPIRED, Link
from core.actions.audit.disk import Disk, SystemDisk, append_whole
from core.actions.audit.folder import AuditFolder
from core.actions.audit.head import Ballast, read_head
from core.actions.audit.names import PROBE, Segment
from core.actions.audit.place import make_folder
from core.actions.audit.record import MAX_LINE_BYTES, AuditRecord, AuditText, Event
from core.actions.audit.sealing import pack, read_seal
from core.actions.audit.sinks import AnchorQueue, AnchorSink
from core.actions.audit.store import KIND, Author, Store
from core.errors import AuditBroken, AuditError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes and terms; a test makes them small."""

    rotate_bytes: int = 64 * 1024 * 1024
    ballast_bytes: int = 4 * 1024 * 1024
    anchor_records: int = 100
    anchor_s: float = 600.0
    lock_s: float = 10.0
    keep_days: int = 400
    expired_at_once: int = 2
    """A clock that jumps a year ahead must not empty the folder."""


_LIMITS = Limits()


class AuditLog:
    """One process's way into the log; any number of processes may have one.

    Nothing is opened before the first call, so that a console starts without it.
    """

    def __init__(
        self,
        folder: Path,
        author: Author,
        sink: AnchorSink | None = None,
        disk: Disk | None = None,
        limits: Limits = _LIMITS,
    ) -> None:
        """Take the folder, who writes, and where anchors go beside it."""
        self.folder = folder
        self._author = author
        self._queue = AnchorQueue(sink, author.clock) if sink is not None else None
        self._disk = disk or SystemDisk()
        self._limits = limits
        self._mutex = threading.Lock()
        self._store: Store | None = None
        self._anchor: Anchor | None = None
        self._is_sink_down = False

    @property
    def tail_hash(self) -> str:
        """The hash of the last record that this process knows of; empty where there is none."""
        if self._store is not None:
            link = self._store.known
            return link.hash if link.seq else ""
        try:
            folder = AuditFolder(self.folder, is_for_reading=True)
        except AuditError:
            return ""
        try:
            head = read_head(folder)
            return head.hash if head is not None else ""
        finally:
            folder.close()

    @property
    def sink_trouble(self) -> str:
        """Why anchors do not get to their second place now; empty when they do."""
        return self._queue.trouble if self._queue is not None else ""

    def append(  # noqa: PLR0913 - one name for each field of a record
        self,
        ev: Event,
        *,
        action_id: str = "",
        verb: AuditText = "",
        target: AuditText = "",
        target_kind: str = "",
        plan_hash: str = "",
        step: int | None = None,
        result: AuditText = "",
        code: str = "",
        dur_ms: int | None = None,
        before: AuditText = "",
        after: AuditText = "",
        reason: AuditText = "",
        env: str = "",
        session: str = "",
        is_ending: bool = False,
    ) -> AuditRecord:
        """Write a record durably and return it.

        Fields that an event may not have are left out and named in the record. With `is_ending`
        the space held back is used when the disk is full: what has begun can always be ended.

        Raises:
            AuditBroken: the log was edited, cut or taken away.
            AuditError: the record is not written. Nothing may be done on its account.
        """
        fields: dict[str, object] = {
            "action_id": action_id,
            "verb": verb,
            "target": target,
            "target_kind": target_kind,
            "plan_hash": plan_hash,
            "step": step,
            "result": result,
            "code": code,
            "dur_ms": dur_ms,
            "before": before,
            "after": after,
            "reason": reason,
            "env": env,
            "session": session,
        }
        with self._mutex:
            if is_ending:
                return self._append_ending(ev, fields)
            with self._locked() as store:
                why = self._prepare(store)
                record = store.write(ev, fields)
                with suppress(AuditError):  # the record is written; an anchor can come later
                    self._anchor_if_due(store)
            if why:
                with suppress(AuditError):  # packing can be done at any later time
                    self._tidy()
            return record

    def _append_ending(self, ev: Event, fields: Mapping[str, object]) -> AuditRecord:
        try:
            with self._locked() as store:
                store.refresh()
                return store.write(ev, fields)
        except AuditError as error:
            if not _is_full(error):
                raise
        with self._locked() as store:
            self._ballast(store).release()
            store.refresh()
            return store.write(ev, fields)

    def _prepare(self, store: Store) -> str:
        """Make ready for a record that is no ending; return why a new file was begun, if so."""
        store.refresh()
        try:
            self._ballast(store).hold()
        except OSError as error:
            raise AuditError(f"no room for the audit log: {error.strerror}") from error
        why = store.rotation_due(self._author.clock.now(), self._limits.rotate_bytes)
        if why:
            store.rotate(why)
        self._tell_sink(store)
        return why

    def check(self) -> None:
        """Write, flush and remove a probe beside the log, and stand where the log stands.

        Raises:
            AuditBroken: the log was edited, cut or taken away.
            AuditError: a record could not be written now; says why.
        """
        with self._mutex, self._locked() as store:
            store.refresh()
            try:
                self._ballast(store).hold()
                file = store.folder.open(PROBE, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
                try:
                    append_whole(self._disk, file, b"." * MAX_LINE_BYTES, 0)
                finally:
                    os.close(file)
                    store.folder.remove(PROBE)
            except OSError as error:
                raise AuditError(f"no audit record can be written: {error.strerror}") from error

    def override(self, name: str, reason: str) -> AuditRecord:
        """Go on in a new file although the log is broken; `name` answers for it.

        What is broken stays as it is, and `verify` goes on reporting it.

        Raises:
            AuditError: it is not broken, no name was given, or no file can be made.
        """
        if not name.strip():
            raise AuditError("an override needs the name of who answers for it")
        with self._mutex:
            try:
                with self._locked() as store:
                    store.refresh()
            except AuditBroken as error:
                problem = str(error)
            else:
                raise AuditError("the audit log is not broken; there is nothing to override")
            known = self._store.known if self._store is not None else Link()
            self._close_store()
            make_folder(self.folder)
            self._store = self._opened(known)
            with self._store.folder.locked(self._limits.lock_s):
                return self._store.override(problem, name, reason)

    def anchor(self) -> None:
        """Anchor the log where it stands now.

        Raises:
            AuditError: it cannot be written.
        """
        with self._mutex, self._locked() as store:
            store.refresh()
            self._write_anchor(store)

    def tidy(self) -> None:
        """Pack closed files, and remove those that are past their time, saying so first.

        Raises:
            AuditError: one of them cannot be packed or removed; it stays as it is.
        """
        with self._mutex:
            self._tidy()

    def close(self) -> None:
        """Let go of everything; waits for anchors on their way, two seconds at the most."""
        if self._queue is not None:
            self._queue.drain()
        with self._mutex:
            self._close_store()

    def _close_store(self) -> None:
        if self._store is not None:
            self._store.let_go()
            self._store.folder.close()
            self._store = None

    def _opened(self, known: Link) -> Store:
        return Store(AuditFolder(self.folder), self._author, self._disk, known)

    @contextmanager
    def _locked(self) -> Generator[Store]:
        if self._store is None:
            make_folder(self.folder)
            self._store = self._opened(Link())
        if self._store.dead:
            raise AuditError(self._store.dead)
        with self._store.folder.locked(self._limits.lock_s):
            yield self._store

    def _ballast(self, store: Store) -> Ballast:
        return Ballast(store.folder, self._disk, self._limits.ballast_bytes)

    def _tell_sink(self, store: Store) -> None:
        """Write down that the second place for anchors went away, or came back."""
        trouble = self.sink_trouble
        if bool(trouble) == self._is_sink_down or self._queue is None:
            return
        ev = Event.SINK_DOWN if trouble else Event.SINK_UP
        store.write(ev, {"target": self._queue.name, "target_kind": "sink", "reason": trouble})
        self._is_sink_down = bool(trouble)

    def _anchor_if_due(self, store: Store) -> None:
        if self._is_anchor_due(store):
            # Another process may have anchored since.
            self._anchor = read_last_anchor(store.folder)
            if self._is_anchor_due(store):
                self._write_anchor(store)

    def _is_anchor_due(self, store: Store) -> bool:
        last = self._anchor
        if last is None or store.known.seq - last.seq >= self._limits.anchor_records:
            return True
        return is_older(last, self._author.clock.now(), self._limits.anchor_s)

    def _write_anchor(self, store: Store) -> None:
        where = self._queue.name if self._queue is not None else "local"
        record = store.write(Event.ANCHOR, {"target": where, "target_kind": "sink"})
        self._anchor = Anchor(record.seq, record.hash, record.at)
        with suppress(OSError):  # the second place may still have it
            store_anchor(store.folder, self._anchor, self._disk)
        if self._queue is not None:
            self._queue.offer(self._anchor)

    def _tidy(self) -> None:
        with self._locked() as store:
            store.refresh()
            closed = [one for one in store.folder.segments()[:-1] if not one.is_packed]
        for segment in closed:
            pack(store.folder, segment, self._disk)
        with self._locked() as store:
            store.refresh()
            for segment in store.folder.segments()[: self._limits.expired_at_once]:
                if not self._expire(store, segment):
                    break

    def _expire(self, store: Store, segment: Segment) -> bool:
        """Remove a file that is past its time; return whether it was."""
        seal = read_seal(store.folder, segment) if segment.is_packed else None
        if seal is None or not seal.is_expired(self._author.clock.now(), self._limits.keep_days):
            return False
        words = {"code": EXPIRED, "target": segment.name, "target_kind": KIND}
        span = f"{seal.first_seq}-{seal.last_seq}"
        store.write(Event.ROTATE, {**words, "before": span, "after": seal.last_hash})
        try:
            store.folder.remove(segment.name)
            store.folder.remove(segment.seal_name)
        except OSError as error:
            raise AuditError(f"{segment.name} cannot be removed: {error.strerror}") from error
        return True


def _is_full(error: AuditError) -> bool:
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in _FULL
