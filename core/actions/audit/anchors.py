"""Anchors: the chain's state, told to somewhere else every so often, so that a cut end shows."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from core.actions.audit.chain import Link
from core.actions.audit.disk import Disk, append_whole
from core.actions.audit.folder import AuditFolder
from core.actions.audit.names import ANCHORS

_LAST_BYTES = 1024
_MAX_BYTES = 64 * 1024 * 1024
"""Anchors of sixty million records."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Which record was the last one at a moment, and its hash."""

    seq: int
    hash: str
    at: str
    """UTC, ISO 8601."""

    @property
    def link(self) -> Link:
        """The record."""
        return Link(self.seq, self.hash)

    @property
    def line(self) -> str:
        """One line of JSON, as it is stored here and sent elsewhere."""
        return json.dumps({"hash": self.hash, "seq": self.seq, "ts": self.at}, sort_keys=True)


def parse_anchors(text: str) -> tuple[tuple[Anchor, ...], int]:
    """Return the anchors of a text in the order of their records, and how many lines are none.

    Lines are those of our own file, also as `journalctl -t quarterdeck-audit -o cat` prints them.
    Pure.
    """
    found: list[Anchor] = []
    odd = 0
    for line in filter(None, map(str.strip, text.splitlines())):
        begin = line.find("{")
        try:
            row = cast("dict[str, Any]", json.loads(line[begin:]))
            found.append(Anchor(int(row["seq"]), str(row["hash"]), str(row["ts"])))
        except (ValueError, KeyError, TypeError, RecursionError):
            odd += 1
    return tuple(sorted(found, key=lambda one: one.seq)), odd


def read_anchors(folder: AuditFolder) -> tuple[tuple[Anchor, ...], int]:
    """Return the anchors stored beside the log, and how many whole lines there are none.

    Raises:
        OSError: they cannot be read; none at all is no error.
    """
    try:
        file = folder.open(ANCHORS)
    except FileNotFoundError:
        return (), 0
    with os.fdopen(file, "rb") as stored:
        size_bytes = os.fstat(file).st_size
        whole, _, _torn = stored.read(min(size_bytes, _MAX_BYTES)).rpartition(b"\n")
    return parse_anchors(whole.decode("utf-8", "replace"))


def read_last_anchor(folder: AuditFolder) -> Anchor | None:
    """Return the newest anchor stored beside the log; None where there is none to be read."""
    try:
        file = folder.open(ANCHORS)
    except OSError:
        return None
    try:
        size = os.fstat(file).st_size
        raw = os.pread(file, _LAST_BYTES, max(0, size - _LAST_BYTES))
    finally:
        os.close(file)
    # What stands before the first line feed may be half a line.
    whole = raw.rpartition(b"\n")[0]
    if size > _LAST_BYTES:
        whole = whole.partition(b"\n")[2]
    found, _ = parse_anchors(whole.decode("utf-8", "replace"))
    return found[-1] if found else None


def store_anchor(folder: AuditFolder, anchor: Anchor, disk: Disk) -> None:
    """Keep an anchor beside the log.

    Raises:
        OSError: it could not be kept.
    """
    is_new = folder.look(ANCHORS) is None
    file = folder.open(ANCHORS, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    try:
        size = os.fstat(file).st_size
        last = os.pread(file, _LAST_BYTES, max(0, size - _LAST_BYTES))
        # What a crash left of an anchor goes: it would swallow this one.
        torn = len(last) - (last.rfind(b"\n") + 1)
        if torn:
            disk.truncate(file, size - torn)
        append_whole(disk, file, f"{anchor.line}\n".encode("ascii"), size - torn)
        if is_new:
            disk.flush_folder(folder.file)
    finally:
        os.close(file)


def newest(anchors: Iterable[Anchor]) -> Anchor | None:
    """Return the anchor of the highest record."""
    return max(anchors, key=lambda one: one.seq, default=None)


def is_older(anchor: Anchor, now: datetime, age_s: float) -> bool:
    """Return whether an anchor is older than `age_s`, or is of a time yet to come. Pure."""
    try:
        age = (now - datetime.fromisoformat(anchor.at)).total_seconds()
    except (ValueError, TypeError):
        return True
    return age >= age_s or age < 0
