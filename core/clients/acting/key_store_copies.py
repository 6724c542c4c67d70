"""Private copies of key stores, and keys on their way to whoever they are for. Blocking.

A copy holds live keys: the folders are 0700, the files 0600, and what has expired is deleted.
"""

import hashlib
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.clients.acting.file_handles import told, write_all
from core.clients.durable import sync_folder
from core.clients.key_files import LIMIT_BYTES
from core.errors import ClientDenied, ClientGarbled, ClientMissing
from core.model.text import clean

LAST = 50
"""So many copies of a store are kept, whatever their age."""
DAYS = 30
"""And the newest of each day, for so long."""
_NAME = re.compile(r"^(\d{8}T\d{6}\d{6})-([A-Za-z0-9]+)\.(\d+)\.json$")
_TOKEN = re.compile(r"^[A-Za-z0-9]{1,64}$")
_STAMP = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class StoreCopy:
    """One copy of a store as it was."""

    name: str
    made: datetime
    """UTC, aware."""
    token: str
    """Of the action that it was made for."""
    size_bytes: int


class StoreCopies:
    """Copies of stores below one folder, each store's in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, path: str) -> tuple[StoreCopy, ...]:
        """Return the copies of a store, oldest first."""
        found: list[StoreCopy] = []
        with told(str(self._folder)), suppress(FileNotFoundError):
            for one in sorted(self._place(path).iterdir()):
                match = _NAME.match(one.name)
                if match:
                    made = datetime.strptime(f"{match[1]}+0000", f"{_STAMP}%z")
                    found.append(StoreCopy(one.name, made, match[2], one.lstat().st_size))
        return tuple(found)

    def keep(self, path: str, data: bytes, token: str, now: datetime) -> str:
        """Make a copy last, and return its name; what has expired goes.

        Raises:
            ClientDenied, ClientRefused: it cannot be kept; nothing may be changed then.
        """
        if not _TOKEN.match(token):
            raise ClientDenied("what a copy belongs to is named in letters and digits")
        place = self._place(path)
        with told(str(place)):
            make_private(place)
            number = sum(one.token == token for one in self.of(path))
            name = f"{now:{_STAMP}}-{token}.{number}.json"
            write_new(place / name, data)
        self._expire(path, token, now)
        return name

    def first(self, path: str, token: str) -> bytes | None:
        """Return the store as it was before an action changed it first; None: it kept none."""
        own = [one for one in self.of(path) if one.token == token]
        own.sort(key=lambda one: int(one.name.rsplit(".", 2)[1]))
        return self.read(path, own[0].name) if own else None

    def read(self, path: str, name: str) -> bytes:
        """Return a copy.

        Raises:
            ClientMissing: there is none of this name.
        """
        if not _NAME.match(name):
            raise ClientMissing(f"there is no copy {clean(name, 80)}")
        with told(name):
            return read_private(self._place(path) / name)

    def drop(self, path: str, token: str) -> None:
        """Remove the copies of one action."""
        for one in self.of(path):
            if one.token == token:
                with told(one.name):
                    (self._place(path) / one.name).unlink(missing_ok=True)

    def _place(self, path: str) -> Path:
        return self._folder / hashlib.sha256(os.fsencode(path)).hexdigest()[:16]

    def _expire(self, path: str, token: str, now: datetime) -> None:
        copies = [one for one in self.of(path) if one.token != token]
        for name in expired(tuple(copies), now):
            with suppress(OSError):
                (self._place(path) / name).unlink()


def expired(copies: tuple[StoreCopy, ...], now: datetime) -> tuple[str, ...]:
    """Return the names of copies that are past their term. Pure."""
    kept = {one.name for one in copies[-LAST:]}
    newest_of_day = {one.made.date(): one for one in copies}
    kept |= {one.name for one in newest_of_day.values() if now - one.made <= timedelta(days=DAYS)}
    return tuple(one.name for one in copies if one.name not in kept)


class Handovers:
    """Keys that were made and are not yet with whoever they are for, each in a private file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, token: str) -> Path:
        """Return where the key of a plan waits.

        Raises:
            ClientDenied: this is no token.
        """
        if not _TOKEN.match(token):
            raise ClientDenied("what a key belongs to is named in letters and digits")
        return self._folder / token

    def put(self, token: str, data: bytes) -> None:
        """Keep it; what is there stays as it is.

        Raises:
            ClientDenied, ClientRefused: it cannot be kept.
        """
        path = self.path(token)
        with told(str(path)), suppress(FileExistsError):
            make_private(self._folder)
            write_new(path, data)

    def take(self, token: str) -> bytes | None:
        """Return it; None: there is none (any more)."""
        path = self.path(token)
        with told(str(path)), suppress(FileNotFoundError):
            return read_private(path)
        return None

    def move(self, token: str, path: Path) -> None:
        """Give it another place of ours; harmless where it is there already."""
        with told(str(path)):
            if self.path(token).exists():
                self.path(token).rename(path)
                sync_folder(path.parent)

    def drop(self, token: str) -> None:
        """Forget everything whose name begins so, also what was cut off while it was written."""
        if not _TOKEN.match(token):
            return
        with told(str(self._folder)), suppress(FileNotFoundError):
            for one in (*self._folder.glob(f"{token}*"), *self._folder.glob(f".{token}*")):
                one.unlink(missing_ok=True)
            sync_folder(self._folder)


def make_private(folder: Path) -> None:
    """Make a folder that nobody else may enter, and those above it.

    Raises:
        OSError: it cannot be made.
    """
    for one in reversed((folder, *folder.parents)):
        one.mkdir(mode=0o700, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)


def write_new(path: Path, data: bytes) -> None:
    """Write a file of ours that appears whole, 0600, and lasts.

    Raises:
        FileExistsError: something is there already.
        OSError: the disk failed; nothing is left of it.
    """
    half = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    handle = os.open(half, flags, 0o600)
    try:
        write_all(handle, data)
        os.fsync(handle)
        os.link(half, path)  # unlike a rename it replaces nothing
    finally:
        os.close(handle)
        half.unlink(missing_ok=True)
    sync_folder(path.parent)


def read_private(path: Path, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Return a file of ours.

    Raises:
        ClientGarbled: it is larger than any of ours.
        OSError: it cannot be read.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode) or seen.st_size > limit_bytes:
            raise ClientGarbled(f"{clean(path.name)} is none of ours")
        return os.pread(handle, seen.st_size, 0)
    finally:
        os.close(handle)
