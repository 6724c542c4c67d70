"""Finds the files of a log: the live ones and their rotated and packed siblings. Blocking."""

import glob
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from core.logs.files.naming import (
    Packing,
    Rotation,
    date_glob,
    has_date,
    parse_dated,
    parse_rotation,
    split_packing,
    split_rotation,
)
from core.logs.files.opening import Identity

_LIVE = Rotation()
_MAX_FILES = 20_000
"""Of one log, the youngest; 3 KB each. What is left out is told."""
_MAX_FOLDERS = 2000
_MAX_LIVE = 16
"""Files of one glob that are followed at the same time: those written last."""


@dataclass(frozen=True, slots=True)
class Found:
    """One file of a log."""

    path: str
    identity: Identity
    size_bytes: int
    modified_ns: int
    rotation: Rotation = _LIVE
    is_live: bool = False
    """It is the one that is written, as far as names tell."""
    day: tuple[int, ...] = ()
    """Of a path that rolls with the calendar: which day's file it is."""

    @property
    def packing(self) -> Packing:
        """How it is packed."""
        return self.rotation.packing


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a log at one moment."""

    files: tuple[Found, ...]
    """Oldest first, each file once."""
    live_paths: tuple[str, ...]
    """What is followed, there or not."""
    folders: tuple[tuple[str, int], ...]
    """Where it was looked, and when each folder last changed, nanoseconds since 1970; 0: absent."""
    entries: int = 0
    """How many names were looked at."""
    left_out: int = 0
    """So many older files there are beside these."""


def _stat(path: str, *, follow: bool) -> os.stat_result | None:
    with suppress(OSError, ValueError):  # it vanished, or is none of our business
        seen = os.stat(path, follow_symlinks=follow)  # noqa: PTH116 - many thousands of them
        return seen if stat.S_ISREG(seen.st_mode) else None
    return None


def _found(path: str, rotation: Rotation, *, is_live: bool) -> Found | None:
    seen = _stat(path, follow=is_live)
    if seen is None:
        return None
    identity = (seen.st_dev, seen.st_ino)
    return Found(path, identity, seen.st_size, seen.st_mtime_ns, rotation, is_live)


def folder_stamp(folder: str) -> int:
    """Return when a folder last changed, nanoseconds since 1970; 0 when it is not there."""
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0


def _by_name(found: Found) -> tuple[object, ...]:
    rotation = found.rotation
    if not rotation.is_rotated:
        return (found.day, 2, "", 0)
    if rotation.stamp:
        return (found.day, 1, rotation.stamp.ljust(20, "0"), rotation.index)
    return (found.day, 1, "", -(rotation.number or 0))


def _in_time(files: Iterable[Found]) -> list[Found]:
    """Sort oldest first: by what the names tell, by time of writing where they tell two things."""
    files = list(files)
    rotated = [one for one in files if one.rotation.is_rotated and not one.is_live]
    kinds = {bool(one.rotation.stamp) for one in rotated}
    if len(kinds) > 1:
        return sorted(files, key=lambda one: (one.is_live, one.modified_ns, one.path))
    return sorted(files, key=_by_name)


def _once(files: Iterable[Found]) -> tuple[Found, ...]:
    """Keep each file once, the live name first; a packed copy only where the plain one is gone."""
    files = list(files)
    plain = {one.path for one in files if one.packing is Packing.NONE}
    kept: dict[Identity, Found] = {}
    for one in sorted(files, key=lambda one: not one.is_live):
        if one.packing is Packing.NONE or one.path.removesuffix(one.packing) not in plain:
            kept.setdefault(one.identity, one)
    return tuple(one for one in files if kept.get(one.identity) is one)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are enough
    except OSError:
        return []


def _list_path(path: str) -> Listing:
    """List a plain path: siblings stand beside it, and beside the file it links to."""
    real = os.path.realpath(path)
    places = dict.fromkeys((os.path.split(path), os.path.split(real)))
    stamps = tuple((folder or ".", folder_stamp(folder or ".")) for folder, _ in places)
    files: list[Found | None] = []
    entries = 0
    for folder, base in places:
        names = _names(folder or ".")
        entries += len(names)
        for name in names:
            rotation = parse_rotation(base, name)
            if rotation is not None and rotation.is_rotated:
                files.append(_found(os.path.join(folder, name), rotation, is_live=False))  # noqa: PTH118
    packing = split_packing(os.path.basename(path))[1]  # noqa: PTH119
    if packing is not Packing.NONE:
        # A packed file that is named outright: nobody writes to it, and it is the whole log.
        packed = _found(real, Rotation(packing), is_live=False)
        return Listing((packed,) if packed else (), () if packed else (path,), stamps, entries)
    live = _found(path, _LIVE, is_live=True)
    siblings = _in_time(one for one in files if one is not None)
    kept = _once([*siblings, *([live] if live else [])])
    return _bounded(Listing(kept, (path,), stamps, entries))


def _bounded(listing: Listing) -> Listing:
    """Leave out the oldest of too many files."""
    surplus = len(listing.files) - _MAX_FILES
    if surplus <= 0:
        return listing
    return replace(listing, files=listing.files[surplus:], left_out=surplus)


def _folders(paths: Iterable[str], pattern: str) -> tuple[tuple[str, int], ...]:
    """Return the folders of some paths, and the one above a pattern's first wild card."""
    literal = pattern[: min((pattern.find(c) for c in "*?[" if c in pattern), default=None)]
    folders = {os.path.dirname(path) or "." for path in (*paths, literal)}  # noqa: PTH120
    return tuple((folder, folder_stamp(folder)) for folder in sorted(folders)[:_MAX_FOLDERS])


def _list_dated(pattern: str, now: datetime) -> Listing:
    """List a path that rolls with the calendar; the live file is that of the latest day."""
    wild = date_glob(pattern)
    paths = glob.glob(f"{wild}*")  # noqa: PTH207 - absolute globs
    files: list[Found] = []
    for path in paths:
        dated = parse_dated(pattern, path)
        found = dated and _found(path, dated.rotation, is_live=not dated.rotation.is_rotated)
        if dated and found:
            files.append(replace(found, is_live=False, day=dated.stamp))
    files = _in_time(files)
    today = now.strftime(pattern)
    written = [one.path for one in files if not one.rotation.is_rotated]
    live = written[-1] if written else today
    files = [replace(one, is_live=one.path == live) for one in files]
    folders = _folders([*paths, today], wild)
    return _bounded(Listing(_once(files), (live,), folders, len(paths)))


def _list_glob(pattern: str) -> Listing:
    """List a glob: what it matches and is not rotated is live, up to a bound."""
    paths = glob.glob(pattern, recursive=True)  # noqa: PTH207 - absolute globs
    files: dict[str, Found] = {}
    for path in paths:
        folder, name = os.path.split(path)
        stem, rotation = split_rotation(name)
        is_sibling = rotation.is_rotated and (
            rotation.packing is not Packing.NONE or os.path.lexists(os.path.join(folder, stem))  # noqa: PTH118
        )
        found = _found(path, rotation if is_sibling else _LIVE, is_live=not is_sibling)
        if found is not None:
            files[path] = found
    stems = {os.path.split(path) for path, one in files.items() if one.is_live}
    entries = 0
    for folder in {folder for folder, _ in stems}:
        names = _names(folder or ".")
        entries += len(names)
        for name in names:
            path, (stem, rotation) = os.path.join(folder, name), split_rotation(name)  # noqa: PTH118
            if rotation.is_rotated and (folder, stem) in stems and path not in files:
                found = _found(path, rotation, is_live=False)
                if found is not None:
                    files[path] = found
    ordered = sorted(files.values(), key=lambda one: (one.modified_ns, one.path))
    live = {one.path for one in [one for one in ordered if one.is_live][-_MAX_LIVE:]}
    kept = [replace(one, is_live=one.path in live) for one in ordered]
    folders = _folders(paths, pattern)
    return _bounded(Listing(_once(kept), tuple(sorted(live)), folders, entries))


def is_glob(pattern: str) -> bool:
    """Return whether a pattern means whatever it matches, side by side."""
    is_name = os.path.lexists(pattern)  # a name may hold what elsewhere is a wild card
    return not is_name and not has_date(pattern) and glob.has_magic(pattern)


def read_listing(pattern: str, now: datetime) -> Listing:
    """Return the files of a path, a glob, or a path that rolls with the calendar.

    `now` is in the zone in which the log's days roll. Nothing is raised: what cannot be seen is
    not there.
    """
    if os.path.lexists(pattern):  # a name may hold what elsewhere is a wild card
        return _list_path(pattern)
    if has_date(pattern):
        return _list_dated(pattern, now)
    return _list_glob(pattern) if glob.has_magic(pattern) else _list_path(pattern)
