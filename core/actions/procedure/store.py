"""Runs on disk: a folder each, a journal in it, and a lock for whoever moves the run on."""

import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from core.actions.ids import is_id, only_one
from core.actions.journal import append_to
from core.actions.procedure.engine import advance, begin, replayed
from core.actions.procedure.events import Event, Started, from_line, to_line
from core.clients.durable import LineFile, sync_folder
from core.errors import ActionError
from core.model.procedure import ProcedureRun
from core.model.text import SafeText, clean

_JOURNAL, _LOCK = "journal.jsonl", "lock"
_MAX_BYTES = 16 * 1024 * 1024


class HeldRun:
    """A run that only this process moves on; every event is on the disk before it counts."""

    def __init__(self, journal: LineFile, lock: int, run: ProcedureRun) -> None:
        self._journal = journal
        self._lock = lock
        self.run = run

    def add(self, event: Event) -> ProcedureRun:
        """Write an event down and return the run after it.

        Raises:
            ActionError: it cannot happen now, or the disk did not take it.
        """
        moved = advance(self.run, event)
        append_to(self._journal, to_line(event))
        self.run = moved
        return moved

    def close(self) -> None:
        """Let others move it on."""
        with suppress(OSError):
            os.ftruncate(self._lock, 0)
        os.close(self._lock)
        self._journal.close()


class RunStore:
    """All runs of one state folder. Several may read; one at a time moves a run on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ids(self) -> list[str]:
        """Return the ids of all runs, the newest first."""
        try:
            found = [one.name for one in self._folder.iterdir() if is_id(one.name)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ActionError(f"{self._folder} cannot be read: {error.strerror}") from error
        return sorted(found, reverse=True)

    def find(self, text: str) -> str:
        """Return the id that begins or ends so.

        Raises:
            ActionError: none does, or several.
        """
        return only_one(self.ids(), text, "run", "quarterdeck procedure list")

    def read(self, run_id: str) -> ProcedureRun:
        """Return a run as it stands now.

        Raises:
            ActionError: there is no such run, or its journal is damaged.
        """
        try:
            data = (self._folder / run_id / _JOURNAL).read_bytes()[:_MAX_BYTES]
        except OSError as error:
            raise ActionError(f"run {run_id} cannot be read: {error.strerror}") from error
        return _run_of(run_id, data)

    def size_bytes(self, run_id: str) -> int:
        """Return how long a run's journal is: as long as it was, nothing has happened.

        Raises:
            ActionError: there is no such run.
        """
        try:
            return (self._folder / run_id / _JOURNAL).stat().st_size
        except OSError as error:
            raise ActionError(f"run {run_id} cannot be read: {error.strerror}") from error

    def holder(self, run_id: str) -> SafeText | None:
        """Return who moves a run on now; None: nobody."""
        try:
            lock = os.open(self._folder / run_id / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _said(lock)
        finally:
            os.close(lock)
        return None

    def start(self, event: Started) -> HeldRun:
        """Begin a run and hold it.

        Raises:
            ActionError: it has no steps, or nothing can be kept.
        """
        run = begin(event)
        path = self._folder / event.id
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.mkdir(mode=0o700)
        except OSError as error:
            raise ActionError(f"nothing can be kept in {path}: {error.strerror}") from error
        lock = _taken(path, event.who)
        journal = _opened(path, lock)
        append_to(journal, to_line(event))
        sync_folder(path)
        sync_folder(self._folder)
        return HeldRun(journal, lock, run)

    def hold(self, run_id: str, who: str) -> HeldRun:
        """Take a run up; a torn last line is cut off.

        Raises:
            ActionError: somebody else holds it, or it cannot be read.
        """
        path = self._folder / run_id
        lock = _taken(path, who)
        journal = _opened(path, lock)
        try:
            run = _run_of(run_id, journal.read(_MAX_BYTES))
            journal.cut_torn_line()
        except BaseException:
            journal.close()
            os.close(lock)
            raise
        return HeldRun(journal, lock, run)


def _run_of(run_id: str, data: bytes) -> ProcedureRun:
    """Return the run of a journal; what follows its last line feed never happened."""
    try:
        return replayed(from_line(line) for line in data.split(b"\n")[:-1])
    except ActionError as error:
        raise ActionError(f"run {run_id}: {error}") from error


def _taken(path: Path, who: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        lock = os.open(path / _LOCK, flags, 0o600)
    except OSError as error:
        raise ActionError(f"run {path.name} cannot be held: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        said = _said(lock)
        os.close(lock)
        raise ActionError(f"{said} this run; look on with `quarterdeck procedure show`") from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps({"who": who, "pid": os.getpid()}).encode(), 0)
    return lock


def _said(lock: int) -> SafeText:
    try:
        words = cast("dict[str, Any]", json.loads(os.pread(lock, 4096, 0)))
        return clean(f"{words['who']} (process {words['pid']}) moves on")
    except (ValueError, KeyError, TypeError, OSError):
        return SafeText("somebody moves on")


def _opened(path: Path, lock: int) -> LineFile:
    try:
        return LineFile(path / _JOURNAL)
    except OSError as error:
        os.close(lock)
        raise ActionError(f"no journal can be written in {path}: {error.strerror}") from error
