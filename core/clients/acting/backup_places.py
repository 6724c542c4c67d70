"""Where backups are: looked at, found by name, named, removed. Blocking."""

import errno
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.clients import durable
from core.clients.acting.file_handles import opened, spot_of, told
from core.clients.archive.packing import STEP_BYTES, Cancelled, write_all
from core.errors import ClientDenied, ClientGarbled, ClientMissing
from core.model.secret import Secret
from core.model.text import clean

_MOST_FOUND = 5000


class PlaceKind(StrEnum):
    """What is at a path."""

    NOTHING = "nothing"
    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"
    """A link, a device, …: nothing that is copied or put back."""


@dataclass(frozen=True, slots=True)
class Place:
    """One path, looked at without following it."""

    path: str
    kind: PlaceKind
    size_bytes: int = 0
    mtime_ns: int = 0
    inode: int = 0
    mode: int = 0
    uid: int = -1
    gid: int = -1


def place_of(path: str) -> Place:
    """Return what is at a path.

    Raises:
        ClientDenied: we may not look there.
    """
    try:
        seen = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return Place(path, PlaceKind.NOTHING)
    except OSError as error:
        raise ClientDenied(f"{clean(path)}: {error.strerror}") from error
    kind = PlaceKind.OTHER
    if stat.S_ISREG(seen.st_mode):
        kind = PlaceKind.FILE
    elif stat.S_ISDIR(seen.st_mode):
        kind = PlaceKind.FOLDER
    return Place(
        path, kind, seen.st_size, seen.st_mtime_ns, seen.st_ino,
        stat.S_IMODE(seen.st_mode), seen.st_uid, seen.st_gid,
    )  # fmt: skip


def find(root: str, levels: tuple[str, ...]) -> tuple[Place, ...]:
    """Return regular files below `root` whose names match, one expression a level, sorted."""
    folders = [root]
    for expression in levels[:-1]:
        matching = re.compile(expression)
        folders = [
            path
            for folder in folders
            for path in _names(folder, matching)
            if place_of(path).kind is PlaceKind.FOLDER
        ]
    last = re.compile(levels[-1])
    found = (place_of(path) for folder in folders for path in _names(folder, last))
    return tuple(one for one in found if one.kind is PlaceKind.FILE)[:_MOST_FOUND]


def _names(folder: str, matching: re.Pattern[str]) -> list[str]:
    """Return the matching paths of a folder; none where it is not there or is no folder."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names as they are, undecodable ones too
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise ClientDenied(f"{clean(folder)}: {error.strerror}") from error
    return sorted(f"{folder.rstrip('/')}/{name}" for name in names if matching.fullmatch(name))


def files_below(path: str) -> Iterator[str]:
    """Yield every regular file at or below a path; links are not followed."""
    place = place_of(path)
    if place.kind is PlaceKind.FILE:
        yield path
    elif place.kind is PlaceKind.FOLDER:
        for folder, _, names in os.walk(path, followlinks=False):
            for name in sorted(names):
                inner = f"{folder}/{name}"
                if place_of(inner).kind is PlaceKind.FILE:
                    yield inner


def measure(sources: tuple[str, ...], cancelled: Cancelled) -> int:
    """Return the bytes of files and folders."""
    total = 0
    for source in sources:
        for path in files_below(source):
            if cancelled():
                raise ClientGarbled("measuring was cancelled")
            total += place_of(path).size_bytes
    return total


def hashes(path: str, limit_bytes: int, cancelled: Cancelled) -> dict[str, str] | None:
    """Return the hash of every file at or below a path; None: it is too much."""
    if measure((path,), cancelled) > limit_bytes:
        return None
    if place_of(path).kind is PlaceKind.FILE:
        return {os.path.basename(path): hash_file(path, cancelled)}  # noqa: PTH119 - text
    return {one[len(path) + 1 :]: hash_file(one, cancelled) for one in files_below(path)}


def hash_file(path: str, cancelled: Cancelled) -> str:
    """Return the SHA-256 of a regular file, in hex."""
    hashing = hashlib.sha256()
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        while data := os.read(handle, STEP_BYTES):
            if cancelled():
                raise ClientGarbled(f"reading {clean(path)} was cancelled")
            hashing.update(data)
    return hashing.hexdigest()


def publish(part: str, path: str, mode: int) -> Place:
    """Give a whole file its name, unless that is taken; its mode comes first."""
    name = os.path.basename(part)  # noqa: PTH119 - text in, text out
    with spot_of(path, is_change=True) as spot, told(path):
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=spot.folder)
        try:
            os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(name, spot.name, src_dir_fd=spot.folder, dst_dir_fd=spot.folder)
        except FileExistsError as error:
            raise ClientDenied(
                f"{clean(path)} is there already; nothing is written over"
            ) from error
        os.unlink(name, dir_fd=spot.folder)
        spot.sync()
    return place_of(path)


def make_folder(path: str) -> None:
    """Make a folder and those above it, private."""
    with told(path):
        os.makedirs(path, mode=0o700, exist_ok=True)  # noqa: PTH103 - text in


def remove(path: str) -> None:
    """Remove a file or a whole folder of ours, by handle of its folder."""
    try:
        with spot_of(path, is_change=True) as spot, told(path):
            try:
                os.unlink(spot.name, dir_fd=spot.folder)
            except OSError as error:
                if error.errno == errno.ENOENT:
                    return
                if error.errno not in (errno.EISDIR, errno.EPERM):
                    raise
                shutil.rmtree(spot.name, dir_fd=spot.folder)
            spot.sync()
    except ClientMissing:
        return


def hold_secret(secret: Secret) -> str:
    """Write a secret to a private file, in memory where the machine has such a place."""
    places = (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm")  # noqa: S108 - mkdtemp is private
    place = next((one for one in places if one and os.access(one, os.W_OK)), None)
    with told(place or tempfile.gettempdir()):
        folder = tempfile.mkdtemp(prefix="quarterdeck-", dir=place)
        path = f"{folder}/secret"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            write_all(handle, secret.reveal().encode())
        finally:
            os.close(handle)
    return path


def let_go(path: str) -> None:
    """Remove a secret's file and the folder made for it."""
    shutil.rmtree(os.path.dirname(path), ignore_errors=True)  # noqa: PTH120 - text in


def sync_folder(path: str) -> None:
    """Make the names in a folder last."""
    with told(path):
        durable.sync_folder(Path(path))


def forget(path: str) -> None:
    """Remove a leftover of our own, whatever it is; what cannot be removed stays."""
    with suppress(ClientDenied, ClientGarbled):
        remove(path)
