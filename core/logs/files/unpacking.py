"""Unpacks packed logs: gzip, bzip2, xz, zstd; bounded, and as far as a damaged file allows."""

import bz2
import gzip
import importlib
import lzma
import os
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, cast

from core.errors import LogUnreadableError
from core.logs.files.naming import Packing
from core.logs.files.opening import ANY, Identity, LogMovedError, OpenRule, open_log
from core.logs.stream.followed import Cancelled, never
from core.model.text import EMPTY, SafeText, clean

_STEP_BYTES = 256 * 1024
_CHECK_SPACE_EVERY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class UnpackRule:
    """How much room unpacking may take."""

    max_bytes: int = 256 * 1024 * 1024
    """Of one file, unpacked; what is beyond is not read, and told."""
    max_files: int = 4
    """Unpacked at the same time, for one log; those used longest ago are let go."""
    min_free_bytes: int = 512 * 1024 * 1024
    """As much stays free on the disk."""
    folder: str = ""
    """Where to. Empty: the temporary folder on the disk."""


@dataclass(frozen=True, slots=True)
class PackedPath:
    """Where a packed file is, what it is, and how it is packed."""

    path: str
    identity: Identity
    packing: Packing


class _Unpacker(Protocol):
    def read1(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


def _zstd() -> Any:  # a module that has two names
    for name in ("backports.zstd", "compression.zstd"):
        with suppress(ImportError):
            return importlib.import_module(name)
    raise LogUnreadableError("packed with zstd: install backports.zstd to read it")


def _open_packed(packing: Packing, raw: BinaryIO) -> tuple[_Unpacker, tuple[type[Exception], ...]]:
    """Return what unpacks a file, and what it raises when the file is damaged."""
    broken: tuple[type[Exception], ...] = (
        OSError,
        EOFError,
        zlib.error,
        lzma.LZMAError,
        ValueError,
    )
    match packing:
        case Packing.GZIP:
            return cast("_Unpacker", gzip.GzipFile(fileobj=raw, mode="rb")), broken
        case Packing.BZIP2:
            return bz2.BZ2File(raw), broken
        case Packing.XZ:
            return lzma.LZMAFile(raw), broken
        case Packing.ZSTD:
            zstd = _zstd()
            return zstd.ZstdFile(raw), (*broken, zstd.ZstdError)
        case Packing.NONE:
            return cast("_Unpacker", raw), broken


def _open_raw(packed: PackedPath, open_rule: OpenRule) -> BinaryIO:
    opened = open_log(packed.path, open_rule)
    if opened.identity != packed.identity:
        opened.close()
        raise LogMovedError(f"{clean(packed.path)} is another file now")
    return opened.detach()


def _space_left(folder_fd: int) -> int:
    room = os.fstatvfs(folder_fd)
    return room.f_bavail * room.f_frsize


@dataclass(frozen=True, slots=True)
class Unpacked:
    """How unpacking ended."""

    size_bytes: int
    note: SafeText = EMPTY
    """Why it is not the whole file."""


def unpack(
    packed: PackedPath,
    target_fd: int,
    rule: UnpackRule = UnpackRule(),
    open_rule: OpenRule = ANY,
    cancelled: Cancelled = never,
) -> Unpacked:
    """Unpack a file to the beginning of another. Blocking, up to seconds.

    A damaged file gives what can be read of it, and a note.

    Raises:
        LogUnreadableError: it may not be opened, it was cancelled, or nobody can unpack it.
    """
    path = packed.path
    with _open_raw(packed, open_rule) as raw:
        unpacker, broken = _open_packed(packed.packing, raw)
        done = 0
        with closing(unpacker):
            while True:
                if cancelled():
                    raise LogUnreadableError(f"{clean(path)}: unpacking was cancelled")
                try:
                    data = unpacker.read1(_STEP_BYTES)
                except broken as error:
                    why = clean(str(error) or type(error).__name__, 120)
                    return Unpacked(done, clean(f"{path} is damaged after {done} bytes: {why}"))
                if not data:
                    return Unpacked(done)
                if why := _no_room(done, len(data), target_fd, rule):
                    return Unpacked(done, clean(f"{path} is read to {done} bytes only: {why}"))
                _write_all(target_fd, data, done)
                done += len(data)


def _no_room(done: int, more: int, target_fd: int, rule: UnpackRule) -> str:
    if done + more > rule.max_bytes:
        return f"the limit is {rule.max_bytes} bytes"
    is_due = done // _CHECK_SPACE_EVERY != (done + more) // _CHECK_SPACE_EVERY or done == 0
    if is_due and _space_left(target_fd) < rule.min_free_bytes:
        return "the disk is nearly full"
    return ""


def _write_all(fd: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    try:
        while view:
            written = os.pwrite(fd, view, offset)
            view, offset = view[written:], offset + written
    except OSError as error:
        raise LogUnreadableError(f"cannot unpack: {clean(error.strerror or '')}") from error


def peek(packed: PackedPath, size_bytes: int, open_rule: OpenRule = ANY) -> bytes:
    """Return the first unpacked bytes of a file; none of what cannot be unpacked.

    Raises:
        LogUnreadableError: it may not be opened.
    """
    data = b""
    with _open_raw(packed, open_rule) as raw, suppress(LogUnreadableError):
        unpacker, broken = _open_packed(packed.packing, raw)
        with closing(unpacker), suppress(*broken):
            while len(data) < size_bytes and (more := unpacker.read1(size_bytes - len(data))):
                data += more
    return data
