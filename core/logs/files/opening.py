"""Opens a log safely: only a regular file, only through links that its owner was free to make.

The path is walked component by component with folder descriptors, so that what was checked is what
is opened, whatever is renamed meanwhile. A link counts only if root, we, or the owner of the file
that it leads to made it: whoever can write to a log folder cannot make a reader that runs as root
show another user's file. Linux's own `protected_symlinks` draws the same line.
"""

import errno
import os
import stat
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

from core.errors import LogUnreadableError
from core.model.text import clean

Identity = tuple[int, int]
"""Device and inode: what a file is, whatever it is called."""

_MAX_LINKS = 40
_TRIES = 3
_O_PATH = getattr(os, "O_PATH", os.O_RDONLY)
_KINDS = {
    stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
}  # fmt: skip


class LogMissingError(LogUnreadableError):
    """There is no such file, or not yet."""


class LogMovedError(LogUnreadableError):
    """The name is another file's now; a new listing says where the old one went."""


@dataclass(frozen=True, slots=True)
class OpenRule:
    """What the configuration demands of a log file."""

    follows_links: bool = True
    """False: the path's last component must not be a link."""
    roots: tuple[str, ...] = ()
    """Real folders that the file must be in. Empty: anywhere."""
    owners: frozenset[int] | None = None
    """User ids that the file must belong to. None: anybody."""


ANY = OpenRule()


class OpenedFile:
    """An open file that several threads read; closed when the last of them is done."""

    def __init__(self, fd: int, path: str, *, is_linked: bool = False) -> None:
        """Take a descriptor over.

        `path` is the real one, without links; `is_linked`: what was asked for is a link to it.
        """
        self._fd = fd
        self._readers = 0
        self._is_closing = False
        self._lock = threading.Lock()
        self.path = path
        self.is_linked = is_linked
        seen = os.fstat(fd)
        self.identity: Identity = (seen.st_dev, seen.st_ino)

    @contextmanager
    def _borrowed(self) -> Generator[int]:
        with self._lock:
            if self._is_closing:
                raise LogUnreadableError(f"{clean(self.path)} was closed")
            self._readers += 1
        try:
            yield self._fd
        except OSError as error:
            raise LogUnreadableError(f"{clean(self.path)}: {error.strerror}") from error
        finally:
            with self._lock:
                self._readers -= 1
                self._close_when_idle()

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        """Return bytes; fewer only at the end.

        Raises:
            LogUnreadableError: the disk failed, or it was closed.
        """
        with self._borrowed() as fd:
            data = os.pread(fd, size_bytes, offset_byte)
            while data and len(data) < size_bytes:
                more = os.pread(fd, size_bytes - len(data), offset_byte + len(data))
                if not more:
                    break
                data += more
            return data

    def stat(self) -> os.stat_result:
        """Return what the file system says of it now.

        Raises:
            LogUnreadableError: it was closed.
        """
        with self._borrowed() as fd:
            return os.fstat(fd)

    def first_data_byte(self) -> int:
        """Return where a sparse file's first data is; 0 where that cannot be told.

        Raises:
            LogUnreadableError: it was closed.
        """
        with self._borrowed() as fd, suppress(OSError, AttributeError):
            # pread keeps no position, so moving it disturbs nobody.
            return os.lseek(fd, 0, os.SEEK_DATA)
        return 0

    def detach(self) -> BinaryIO:
        """Hand the descriptor over to a file object that reads from the beginning."""
        with self._lock:
            fd, self._fd, self._is_closing = self._fd, -1, True
        return os.fdopen(fd, "rb")

    def close(self) -> None:
        """Close it as soon as nobody reads."""
        with self._lock:
            self._is_closing = True
            self._close_when_idle()

    def _close_when_idle(self) -> None:
        if self._is_closing and self._readers == 0 and self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class _Walk:
    """One walk from the root to a file."""

    def __init__(self, path: str, rule: OpenRule) -> None:
        self._path = path
        self._rule = rule
        whole = path if path.startswith("/") else f"{os.getcwd()}/{path}"  # noqa: PTH109 - as text
        self._left = [part for part in reversed(whole.split("/")) if part not in ("", ".")]
        self._real: list[str] = []
        self._link_owners: set[int] = set()
        self._links = 0
        self._is_linked = False
        self._folder = os.open("/", _O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    def run(self) -> OpenedFile:
        """Return the file at the end of the walk."""
        try:
            while True:
                name = self._left.pop() if self._left else "."
                is_last = not self._left
                seen = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
                if stat.S_ISLNK(seen.st_mode):
                    self._follow(name, seen, is_last=is_last)
                elif is_last:
                    return self._open(name, seen)
                else:
                    self._enter(name)
        finally:
            os.close(self._folder)

    def _follow(self, name: str, seen: os.stat_result, *, is_last: bool) -> None:
        if is_last and not self._rule.follows_links:
            raise LogUnreadableError(f"{clean(self._path)} is a link, which is not allowed here")
        self._links += 1
        if self._links > _MAX_LINKS:
            raise LogUnreadableError(f"{clean(self._path)}: links that lead in a circle")
        self._is_linked = self._is_linked or is_last
        self._link_owners.add(seen.st_uid)
        target = os.readlink(name, dir_fd=self._folder)
        if target.startswith("/"):
            self._real.clear()
            self._step("/")
        self._left += [part for part in reversed(target.split("/")) if part not in ("", ".")]

    def _enter(self, name: str) -> None:
        self._step(name)
        if name != "..":
            self._real.append(name)
        elif self._real:
            self._real.pop()

    def _step(self, name: str) -> None:
        flags = _O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        folder = os.open(name, flags, dir_fd=self._folder)
        os.close(self._folder)
        self._folder = folder

    def _open(self, name: str, seen: os.stat_result) -> OpenedFile:
        _refuse_kind(self._path, seen)  # before it is opened: opening a device may do something
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
        fd = os.open(name, flags, dir_fd=self._folder)
        opened = OpenedFile(fd, "/" + "/".join((*self._real, name)), is_linked=self._is_linked)
        try:
            self._check(opened)
        except LogUnreadableError:
            opened.close()
            raise
        return opened

    def _check(self, opened: OpenedFile) -> None:
        seen = opened.stat()
        _refuse_kind(self._path, seen)
        strangers = self._link_owners - {0, os.geteuid(), seen.st_uid}
        if strangers:
            raise LogUnreadableError(
                f"{clean(self._path)} is a link made by user {min(strangers)} to a file of user"
                f" {seen.st_uid}: not followed"
            )
        if self._rule.owners is not None and seen.st_uid not in self._rule.owners:
            raise LogUnreadableError(f"{clean(self._path)} belongs to user {seen.st_uid}")
        if not is_inside(opened.path, self._rule.roots):
            raise LogUnreadableError(
                f"{clean(self._path)} leads to {clean(opened.path)}, outside the allowed folders"
            )


def _refuse_kind(path: str, seen: os.stat_result) -> None:
    if not stat.S_ISREG(seen.st_mode):
        kind = _KINDS.get(stat.S_IFMT(seen.st_mode), "no regular file")
        raise LogUnreadableError(f"{clean(path)} is {kind}, not a log file")


def is_inside(real_path: str, roots: tuple[str, ...]) -> bool:
    """Return whether a real path is below one of the folders; True where none is named."""
    return not roots or any(
        real_path.startswith(f"{os.path.realpath(root).rstrip('/')}/") for root in roots
    )


def open_log(path: str, rule: OpenRule = ANY) -> OpenedFile:
    """Open a log file for reading. Never blocks, whatever the path names.

    Raises:
        LogMissingError: there is no such file.
        LogUnreadableError: it may not be read, or the rule refuses it; says why.
    """
    for _ in range(_TRIES):
        try:
            return _Walk(path, rule).run()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise LogMissingError(f"{clean(path)} does not exist") from error
        except OSError as error:
            if error.errno != errno.ELOOP:  # it became a link between two looks: look again
                raise LogUnreadableError(f"{clean(path)}: {clean(error.strerror or '')}") from error
    raise LogUnreadableError(f"{clean(path)} changes faster than it can be opened")
