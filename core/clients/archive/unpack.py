"""Unpacks a planned archive into a new folder, by handles of folders: no path is walked twice."""

import os
import shutil
from collections.abc import Callable

from core.clients.archive.entries import USUAL, ArchiveLimits, ArchiveRefusedError, Entry, refused
from core.clients.archive.packing import Cancelled, never, write_all
from core.clients.archive.reader import read_archive

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Wanted = Callable[[str], str | None]
"""From an entry's name to its name in the new folder; None: it is not wanted."""


def as_it_is(name: str) -> str | None:
    """Want everything, under its own name."""
    return name


def unpack_archive(
    fd: int,
    planned: tuple[Entry, ...],
    parent: str,
    name: str,
    *,
    wanted: Wanted = as_it_is,
    has_owners: bool = False,
    limits: ArchiveLimits = USUAL,
    cancelled: Cancelled = never,
) -> None:
    """Unpack what was planned into the new folder `parent/name`, and make it durable. Blocking.

    Nothing is left of it when it fails. `has_owners` gives files to whom the archive names.

    Raises:
        ArchiveRefusedError: the archive is not the planned one any more, or breaks a rule.
        OSError: the folder is there already, or the disk failed.
    """
    parent_fd = os.open(parent, _FOLDER)
    try:
        os.mkdir(name, 0o700, dir_fd=parent_fd)
        try:
            _fill(fd, planned, parent_fd, name, wanted, has_owners, limits, cancelled)
            os.fsync(parent_fd)
        except BaseException:
            shutil.rmtree(name, dir_fd=parent_fd)
            raise
    finally:
        os.close(parent_fd)


def _fill(
    fd: int,
    planned: tuple[Entry, ...],
    parent_fd: int,
    name: str,
    wanted: Wanted,
    has_owners: bool,
    limits: ArchiveLimits,
    cancelled: Cancelled,
) -> None:
    root_fd = os.open(name, _FOLDER, dir_fd=parent_fd)
    try:
        tree = _Tree(root_fd, wanted, has_owners)
        met = 0
        try:
            for entry in read_archive(fd, tree, limits, cancelled):
                if met >= len(planned) or planned[met] != entry:
                    raise refused(entry.name, "the archive has changed since it was looked at")
                met += 1
        finally:
            tree.abandon()
        if met != len(planned):
            raise ArchiveRefusedError("the archive has changed since it was looked at")
        tree.finish()
    finally:
        os.close(root_fd)


class _Tree:
    """The new folder: a sink for entries."""

    def __init__(self, root_fd: int, wanted: Wanted, has_owners: bool) -> None:
        self._root_fd = root_fd
        self._wanted = wanted
        self._has_owners = has_owners
        self._file_fd: int | None = None
        self._folders: dict[str, Entry | None] = {}

    def open(self, entry: Entry) -> None:
        name = self._wanted(entry.name)
        if name is None:
            return
        words = name.split("/") if name else []
        if entry.is_folder:
            os.close(self._enter(words))
            self._folders[name] = entry
            return
        folder_fd = self._enter(words[:-1])
        try:
            self._file_fd = os.open(words[-1], _NEW_FILE, 0o600, dir_fd=folder_fd)
        finally:
            os.close(folder_fd)

    def write(self, data: bytes) -> None:
        if self._file_fd is not None:
            write_all(self._file_fd, data)

    def close(self, entry: Entry) -> None:
        if self._file_fd is None:
            return
        fd, self._file_fd = self._file_fd, None
        try:
            self._dress(fd, entry)
            os.fsync(fd)
        finally:
            os.close(fd)

    def abandon(self) -> None:
        """Close what a failure left open."""
        if self._file_fd is not None:
            os.close(self._file_fd)
            self._file_fd = None

    def finish(self) -> None:
        """Give folders their modes, the deepest first, and make every name durable."""
        for name in sorted(self._folders, key=lambda one: one.count("/"), reverse=True):
            folder_fd = self._enter(name.split("/") if name else [])
            try:
                if (entry := self._folders[name]) is not None:
                    self._dress(folder_fd, entry)
                os.fsync(folder_fd)
            finally:
                os.close(folder_fd)
        os.fsync(self._root_fd)

    def _dress(self, fd: int, entry: Entry) -> None:
        if self._has_owners:
            os.fchown(fd, entry.uid, entry.gid)
        os.fchmod(fd, entry.mode)
        os.utime(fd, (entry.mtime_s, entry.mtime_s))

    def _enter(self, words: list[str]) -> int:
        """Return a handle of a folder below the root, made where it is not there yet."""
        at = os.dup(self._root_fd)
        for depth, word in enumerate(words):
            name = "/".join(words[: depth + 1])
            try:
                if name not in self._folders:
                    os.mkdir(word, 0o700, dir_fd=at)
                    self._folders[name] = None
                below = os.open(word, _FOLDER, dir_fd=at)
            finally:
                os.close(at)
            at = below
        return at
