"""Lists the files in log folders: bounded, never following a link below them. Blocking."""

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.logs.keeping.classes import classify
from core.logs.keeping.facts import FileFingerprint, LogFileFacts, LogListing, SkippedEntry
from core.logs.keeping.names import parse_log_name
from core.logs.keeping.rules import LogClaim, Rules
from core.model.text import EMPTY, clean

_CHECK_EVERY = 256
_MAX_SKIPPED = 1_000


@dataclass(frozen=True, slots=True)
class ListingBounds:
    """Where a listing ends, however much there is."""

    max_entries: int = 50_000
    max_depth: int = 2
    """Folders below the named ones; 0: only the named ones."""


_BOUNDS = ListingBounds()


@dataclass(slots=True)
class _Found:
    files: list[LogFileFacts] = field(default_factory=list[LogFileFacts])
    skipped: list[SkippedEntry] = field(default_factory=list[SkippedEntry])
    entries: int = 0
    note: str = ""

    def skip(self, raw_path: bytes, why: str, *, is_failure: bool = False) -> None:
        if len(self.skipped) < _MAX_SKIPPED:
            entry = SkippedEntry(raw_path, clean(raw_path), clean(why), is_failure)
            self.skipped.append(entry)
        else:
            self.note = self.note or f"more than {_MAX_SKIPPED} entries are no regular files"


def folders_of(claims: Sequence[LogClaim]) -> tuple[str, ...]:
    """Return the folders that hold the claimed files, each once."""
    return tuple(dict.fromkeys(claim.folder for claim in claims))


@dataclass(frozen=True, slots=True)
class _Walk:
    """What one listing was asked for."""

    claims: Sequence[LogClaim]
    rules: Rules
    open_files: frozenset[tuple[int, int]] | None
    bounds: ListingBounds
    cancelled: Callable[[], bool]


def read_log_files(
    folders: Sequence[str | bytes],
    claims: Sequence[LogClaim],
    rules: Rules,
    *,
    cancelled: Callable[[], bool],
    open_files: frozenset[tuple[int, int]] | None = None,
    bounds: ListingBounds = _BOUNDS,
) -> LogListing:
    """Return the facts of every regular file in `folders`, sorted by path.

    A named folder may be a link, as the configuration names it; links inside are told, never
    followed, and other file systems inside are not entered. `open_files` holds (device, inode) of
    the files that some process has open for writing; None: not known. Whatever cannot be read is
    told in `skipped`; nothing is raised.
    """
    walk = _Walk(claims, rules, open_files, bounds, cancelled)
    found, seen = _Found(), set[tuple[int, int]]()
    for folder in folders:
        raw = os.fsencode(folder)
        try:
            at = os.stat(raw)  # noqa: PTH116 - names are bytes here, which pathlib refuses
        except OSError as error:
            found.skip(raw, error.strerror or "cannot be read", is_failure=True)
            continue
        if stat.S_ISDIR(at.st_mode):
            _walk(raw, at.st_dev, walk, found, seen)
        else:
            found.skip(raw, "is not a folder", is_failure=True)
    return LogListing(
        files=tuple(sorted(found.files, key=lambda file: file.raw_path)),
        skipped=tuple(found.skipped),
        is_complete=not found.note,
        note=clean(found.note) if found.note else EMPTY,
    )


def _walk(
    folder: bytes, device: int, walk: _Walk, found: _Found, seen: set[tuple[int, int]]
) -> None:
    waiting = [(folder, 0)]
    while waiting:
        path, depth = waiting.pop()
        try:
            own = os.stat(path)  # noqa: PTH116
            if (own.st_dev, own.st_ino) in seen:
                continue
            seen.add((own.st_dev, own.st_ino))
            entries = os.scandir(path)
        except OSError as error:
            found.skip(path, error.strerror or "cannot be read", is_failure=True)
            found.note = found.note or "a folder inside cannot be read"
            continue
        with entries:
            for entry in entries:
                found.entries += 1
                if _is_over(found, walk):
                    return
                if not _take(entry, device, walk, found):
                    continue
                if depth < walk.bounds.max_depth:
                    waiting.append((entry.path, depth + 1))
                else:
                    found.skip(entry.path, "is a folder too deep to enter")


def _is_over(found: _Found, walk: _Walk) -> bool:
    if found.entries > walk.bounds.max_entries:
        found.note = f"stopped after {walk.bounds.max_entries} entries"
        return True
    if found.entries % _CHECK_EVERY == 0 and walk.cancelled():
        found.note = "cancelled"
        return True
    return False


def _take(entry: "os.DirEntry[bytes]", device: int, walk: _Walk, found: _Found) -> bool:
    """Add one entry to what was found; return whether it is a folder to enter."""
    try:
        at = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # it vanished between listing and looking
        return False
    except OSError as error:
        found.skip(entry.path, error.strerror or "cannot be looked at", is_failure=True)
        return False
    if stat.S_ISLNK(at.st_mode):
        found.skip(entry.path, "is a link: not followed")
    elif at.st_dev != device:
        found.skip(entry.path, "is another file system: not entered")
    elif stat.S_ISDIR(at.st_mode):
        return True
    elif stat.S_ISREG(at.st_mode):
        found.files.append(_describe(entry, at, walk))
    else:
        found.skip(entry.path, "is no regular file")
    return False


def _describe(entry: "os.DirEntry[bytes]", at: os.stat_result, walk: _Walk) -> LogFileFacts:
    is_open = None
    if walk.open_files is not None:
        is_open = (at.st_dev, at.st_ino) in walk.open_files
    return LogFileFacts(
        raw_path=entry.path,
        path=clean(entry.path),
        fingerprint=FileFingerprint(at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns),
        disk_bytes=at.st_blocks * 512,
        links=at.st_nlink,
        name=parse_log_name(os.fsdecode(entry.name)),
        log_class=classify(os.fsdecode(entry.path), walk.claims, walk.rules),
        is_open_by_writer=is_open,
    )
