"""Measures folders: bounded in time and entries, never following a link. Blocking."""

import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from core.model.host import FolderSize
from core.model.text import EMPTY, SafeText, clean

_MAX_ENTRIES = 50_000
_BUDGET_S = 1.0
_CHECK_EVERY = 256


@dataclass(slots=True)
class _Tally:
    """What a walk has counted so far."""

    size_bytes: int = 0
    files: int = 0
    entries: int = 0
    newest_s: float = 0.0
    denied: int = 0
    is_complete: bool = True


def read_folder(
    path: str, budget_s: float = _BUDGET_S, monotonic: Callable[[], float] = time.monotonic
) -> FolderSize:
    """Return the space a folder takes on disk (blocks, as `du` counts) and its newest file.

    The folder itself may be a link, as the configuration names it; links inside are not followed,
    other file systems inside are not entered, a file with two names is counted once.
    """
    try:
        root = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return _absent(path, "does not exist")
    except OSError as error:
        return _absent(path, error.strerror or "cannot be read")
    if not stat.S_ISDIR(root.st_mode):
        return _absent(path, "is not a folder")
    if not os.access(path, os.R_OK | os.X_OK):
        return _absent(path, "permission denied")
    tally = _Tally()
    _walk(path, root.st_dev, tally, monotonic, monotonic() + budget_s)
    return FolderSize(
        path=clean(path),
        size_bytes=tally.size_bytes,
        files=tally.files,
        newest_at=datetime.fromtimestamp(tally.newest_s, UTC) if tally.newest_s > 0 else None,
        note=_note(tally),
        is_complete=tally.is_complete and not tally.denied,
    )


def _absent(path: str, why: str) -> FolderSize:
    return FolderSize(clean(path), None, 0, None, clean(why))


def _note(tally: _Tally) -> SafeText:
    if not tally.is_complete:
        return clean(f"stopped after {tally.entries} entries: at least this much")
    if tally.denied:
        return clean(f"{tally.denied} folders inside may not be read: at least this much")
    return EMPTY


def _walk(
    path: str, device: int, tally: _Tally, monotonic: Callable[[], float], end_s: float
) -> None:
    waiting, linked = [path], set[int]()
    while waiting:
        folder = waiting.pop()
        try:
            entries = os.scandir(folder)
        except OSError:
            tally.denied += 1
            continue
        with entries:
            for entry in entries:
                tally.entries += 1
                is_due = tally.entries % _CHECK_EVERY == 0
                if tally.entries > _MAX_ENTRIES or (is_due and monotonic() > end_s):
                    tally.is_complete = False
                    return
                with suppress(OSError):  # it vanished between listing and looking
                    if found := _count(entry, device, tally, linked):
                        waiting.append(found)


def _count(entry: "os.DirEntry[str]", device: int, tally: _Tally, linked: set[int]) -> str | None:
    """Add one entry to the tally; return its path when it is a folder to walk."""
    seen = entry.stat(follow_symlinks=False)
    if seen.st_dev != device:
        return None
    if stat.S_ISDIR(seen.st_mode):
        tally.size_bytes += seen.st_blocks * 512
        return entry.path
    if seen.st_nlink > 1:
        if seen.st_ino in linked:
            return None
        linked.add(seen.st_ino)
    tally.size_bytes += seen.st_blocks * 512
    if stat.S_ISREG(seen.st_mode):
        tally.files += 1
        tally.newest_s = max(tally.newest_s, seen.st_mtime)
    return None
