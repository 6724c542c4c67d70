"""Writes a tar archive of files and folders; what is neither is left out, and named."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from core.clients.archive.entries import Entry, checked_name, refused
from core.clients.archive.headers import BLOCK, made_headers, padding
from core.clients.archive.packing import STEP_BYTES, Cancelled, PackedWriter, Packing, never
from core.errors import ClientGarbled
from core.model.text import clean

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Excluded = Callable[[str], bool]
"""Whether an absolute path is left out."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file or folder that is packed, and under which name."""

    path: str
    """Absolute; its last part is not followed if it is a link."""
    name: str
    """Empty for a folder: its content stands at the archive's root."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed."""

    entries: tuple[Entry, ...]
    left_out: tuple[str, ...]
    """Links, sockets, devices: names within the archive, and what they are."""


def pack_archive(
    fd: int,
    packing: Packing,
    sources: tuple[Source, ...],
    excluded: Excluded,
    cancelled: Cancelled = never,
) -> Packed:
    """Write an archive to `fd`, which stays the caller's. Blocking; memory is bounded.

    A file that grows meanwhile is packed as long as it was when it was opened.

    Raises:
        ClientGarbled: a file shrank while it was read, or it was cancelled.
        OSError: something cannot be read or written.
    """
    writer = PackedWriter(fd, packing)
    entries: list[Entry] = []
    left_out: list[str] = []
    for found in _walk(sources, excluded, left_out):
        if cancelled():
            raise ClientGarbled("packing was cancelled")
        try:
            entries.append(_pack_one(writer, found))
        finally:
            os.close(found.fd)
    writer.write(bytes(2 * BLOCK))
    writer.close()
    return Packed(tuple(entries), tuple(left_out))


@dataclass(frozen=True, slots=True)
class _Found:
    """Something open, to be packed under a name."""

    fd: int
    name: str


def _walk(sources: tuple[Source, ...], excluded: Excluded, left_out: list[str]) -> Iterator[_Found]:
    for source in sources:
        parent_fd = os.open(os.path.dirname(source.path) or "/", _FOLDER)  # noqa: PTH120 - text
        word = os.path.basename(source.path)  # noqa: PTH119 - text in, text out
        try:
            yield from _walk_one(parent_fd, word or ".", source, excluded, left_out)
        finally:
            os.close(parent_fd)


def _walk_one(
    parent_fd: int, word: str, source: Source, excluded: Excluded, left_out: list[str]
) -> Iterator[_Found]:
    """Yield a file, or a folder and then all below it, in the order of names."""
    facts = os.stat(word, dir_fd=parent_fd, follow_symlinks=False)
    if excluded(source.path):
        return
    if stat.S_ISDIR(facts.st_mode):
        folder_fd = os.open(word, _FOLDER, dir_fd=parent_fd)
        try:
            if source.name:
                yield _Found(os.dup(folder_fd), source.name)
            for below in sorted(os.listdir(folder_fd)):  # noqa: PTH208 - by handle
                name = f"{source.name}/{below}" if source.name else below
                inner = Source(f"{source.path.rstrip('/')}/{below}", name)
                yield from _walk_one(folder_fd, below, inner, excluded, left_out)
        finally:
            os.close(folder_fd)
    elif stat.S_ISREG(facts.st_mode):
        yield _Found(os.open(word, _FILE, dir_fd=parent_fd), source.name)
    elif stat.S_ISLNK(facts.st_mode):
        left_out.append(f"{source.name} -> {os.readlink(word, dir_fd=parent_fd)}")
    else:
        left_out.append(f"{source.name} ({stat.filemode(facts.st_mode)[0]})")


def _pack_one(writer: PackedWriter, found: _Found) -> Entry:
    facts = os.fstat(found.fd)
    is_folder = stat.S_ISDIR(facts.st_mode)
    if not is_folder and not stat.S_ISREG(facts.st_mode):
        raise refused(found.name, "no regular file any more")
    entry = Entry(
        checked_name(found.name), is_folder, 0 if is_folder else facts.st_size,
        facts.st_mode & 0o777, max(0, int(facts.st_mtime)), facts.st_uid, facts.st_gid,
    )  # fmt: skip
    writer.write(made_headers(entry))
    if is_folder:
        return entry
    hashing = hashlib.sha256()
    left = entry.size_bytes
    while left:
        data = os.read(found.fd, min(left, STEP_BYTES))
        if not data:
            raise ClientGarbled(f"{clean(found.name, 200)} became shorter while it was copied")
        hashing.update(data)
        writer.write(data)
        left -= len(data)
    writer.write(padding(entry.size_bytes))
    return replace(entry, sha256=hashing.hexdigest())
