"""What an action has done so far, one line per fact, durable before the next thing happens."""

import json
import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from core.clients.clock import Clock
from core.clients.durable import DiskFullError, LineFile, sync_folder
from core.errors import ActionError
from core.model.action import Phase
from core.model.veil import VEIL

NAME = "journal.jsonl"
_MAX_BYTES = 16 * 1024 * 1024
_END_BYTES = 8 * 1024
_ENDED = b'"ev":"ended"'
"""As it stands in a line; in a text its quotes would be escaped."""


class Mark(StrEnum):
    """Facts of a journal, in the order in which they come."""

    STARTED = "started"
    """With the executor's pid, start ticks and boot id."""
    INTENT = "intent"
    LOCKED = "locked"
    REVALIDATED = "revalidated"
    SAVED = "saved"
    """One step's copies are proven."""
    BACKED_UP = "backed_up"
    BEGIN = "begin"
    DONE = "done"
    FAILED = "failed"
    VERIFYING = "verifying"
    PROVEN = "proven"
    """One proof spoke."""
    VERIFIED = "verified"
    ROLLING_BACK = "rolling_back"
    UNDO_BEGIN = "undo_begin"
    UNDONE = "undone"
    RECOVERING = "recovering"
    """Another process has taken over what a dead one left."""
    ENDED = "ended"
    AUDITED = "audited"
    """The audit log has the end."""
    CLOSED = "closed"
    RESOLVED = "resolved"
    """A person has looked at what needed one, and says that it is dealt with."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line."""

    mark: Mark
    at_s: float
    """Seconds since 1970."""
    mono_s: float
    """Seconds since the machine started."""
    step: int | None = None
    text: str = ""
    more: dict[str, Any] = field(default_factory=dict[str, Any])


def read_journal(folder: Path) -> tuple[Entry, ...]:
    """Return the entries; a last line that is torn never happened.

    Raises:
        ActionError: a line in the middle is not ours, or the file cannot be read.
    """
    try:
        raw = (folder / NAME).read_bytes()[:_MAX_BYTES]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ActionError(
            f"the journal of {folder.name} cannot be read: {error.strerror}"
        ) from error
    lines = raw.split(b"\n")
    entries: list[Entry] = []
    for line in lines[:-1]:
        entry = _entry(line)
        if entry is None:
            raise ActionError(f"line {len(entries) + 1} of the journal of {folder.name} is damaged")
        entries.append(entry)
    return tuple(entries)


def is_settled(folder: str) -> bool:
    """Tell from the end of a journal alone that its action is over and waits for nobody.

    False where the end does not tell, or there is none: then all of it has to be read.
    """
    try:
        with open(f"{folder}/{NAME}", "rb", 0) as file:  # noqa: PTH123 - of very many
            file.seek(max(0, os.fstat(file.fileno()).st_size - _END_BYTES))
            raw = file.read(_END_BYTES)
    except OSError:
        return False
    at = raw.rfind(_ENDED)
    begin = raw.rfind(b"\n", 0, max(0, at)) + 1
    if begin == 0:
        return False
    entries = list(map(_entry, raw[begin:].split(b"\n")[:-1]))
    marks = {one.mark for one in entries if one is not None}
    if not entries or None in entries or marks.isdisjoint({Mark.AUDITED, Mark.CLOSED}):
        return False
    needs_human = entries[0] is None or entries[0].more.get("phase") == Phase.NEEDS_HUMAN
    return not needs_human or Mark.RESOLVED in marks


def _entry(line: bytes) -> Entry | None:
    try:
        row = cast("dict[str, Any]", json.loads(line))
        mark, at_s, mono_s = Mark(row.pop("ev")), float(row.pop("ts")), float(row.pop("mono"))
        step, text = row.pop("step", None), row.pop("text", "")
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    is_ours = isinstance(step, int | None) and isinstance(text, str)
    return Entry(mark, at_s, mono_s, step, text, row) if is_ours else None


class Journal:
    """Appends, and returns only when it is on the disk."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Open it; a torn last line is cut off.

        Raises:
            ActionError: it cannot be written.
        """
        self._clock = clock
        try:
            self._file = LineFile(folder / NAME)
            self._file.cut_torn_line()
            sync_folder(folder)
        except OSError as error:
            raise ActionError(f"no journal can be written in {folder}: {error.strerror}") from error

    def add(self, mark: Mark, step: int | None = None, text: str = "", **more: object) -> None:
        """Write a fact down, its text without known secrets.

        Raises:
            ActionError: the disk did not take it; nothing may happen after that.
        """
        row: dict[str, object] = {
            "ev": mark.value,
            "ts": round(self._clock.now().timestamp(), 3),
            "mono": round(self._clock.monotonic(), 3),
        }
        said = {"text": VEIL.hide(text)} if text else {}
        row |= more | ({} if step is None else {"step": step}) | said
        data = json.dumps(row, separators=(",", ":")).encode() + b"\n"
        append_to(self._file, data)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def append_to(journal: LineFile, line: bytes) -> None:
    """Append to a journal.

    Raises:
        ActionError: the disk did not take it; nothing may happen after that.
    """
    try:
        journal.append(line)
    except DiskFullError as error:
        raise ActionError("the disk is full: the journal takes no more") from error
    except OSError as error:
        raise ActionError(f"the journal cannot be written: {error.strerror}") from error
