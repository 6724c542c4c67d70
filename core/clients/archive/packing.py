"""Streams of bytes, packed or plain: bounded memory, and never more out than a ratio allows."""

import importlib
import lzma
import os
import zlib
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Any, Protocol

from core.clients.archive.entries import USUAL, ArchiveLimits, ArchiveRefusedError

STEP_BYTES = 256 * 1024
_XZ_MEMORY_BYTES = 512 * 1024 * 1024
_SUFFIXES = {
    ".gz": "gzip",
    ".tgz": "gzip",
    ".zst": "zstd",
    ".tzst": "zstd",
    ".xz": "xz",
    ".txz": "xz",
}

Cancelled = Callable[[], bool]


def never() -> bool:
    """Return that nobody cancels."""
    return False


class Packing(StrEnum):
    """How the bytes of an archive are packed."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    XZ = "xz"


def packing_of_name(name: str) -> Packing:
    """Return how a new archive of this name is packed."""
    for suffix, packing in _SUFFIXES.items():
        if name.endswith(suffix):
            return Packing(packing)
    return Packing.NONE


def packing_of_bytes(head: bytes) -> Packing:
    """Return how an archive that begins so is packed.

    Raises:
        ArchiveRefusedError: in a way that we do not read.
    """
    if head.startswith(b"\x1f\x8b"):
        return Packing.GZIP
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return Packing.ZSTD
    if head.startswith(b"\xfd7zXZ\0"):
        return Packing.XZ
    if head.startswith((b"BZh", b"PK\x03\x04")):
        raise ArchiveRefusedError("packed with bzip2 or zip: tar, tar.gz, tar.zst, tar.xz are read")
    return Packing.NONE


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib with the manners of lzma: it says itself whether it needs more."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._is_full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._is_full and not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._is_full = len(out) == max_length
        return out


def zstd_module() -> Any:  # a module that has two names
    """Return the zstd module.

    Raises:
        ArchiveRefusedError: there is none here.
    """
    for name in ("backports.zstd", "compression.zstd"):
        with suppress(ImportError):
            return importlib.import_module(name)
    raise ArchiveRefusedError("packed with zstd: install backports.zstd to read and write it")


def _decoder(packing: Packing) -> _Decoder:
    match packing:
        case Packing.GZIP:
            return _Gzip()
        case Packing.XZ:
            return lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES)
        case Packing.ZSTD | Packing.NONE:
            decoder: _Decoder = zstd_module().ZstdDecompressor()
            return decoder


class PackedReader:
    """Unpacks a file from its beginning, a step at a time."""

    def __init__(
        self, fd: int, limits: ArchiveLimits = USUAL, cancelled: Cancelled = never
    ) -> None:
        """Read from `fd`, which stays the caller's, by offset: its position does not matter."""
        self._fd = fd
        self._limits = limits
        self._cancelled = cancelled
        self._packing = packing_of_bytes(os.pread(fd, 8, 0))
        self._decoder = None if self._packing is Packing.NONE else _decoder(self._packing)
        self._rest = b""
        self._ready: bytes = b""
        self._at = 0
        self._in_bytes = 0
        self._out_bytes = 0

    def read(self, size_bytes: int) -> bytes:
        """Return up to so many bytes; empty at the end.

        Raises:
            ArchiveRefusedError: damaged, cut off, or a bomb.
        """
        if self._at == len(self._ready):
            self._ready, self._at = self._next(), 0
        out = self._ready[self._at : self._at + size_bytes]
        self._at += len(out)
        return out

    def read_exactly(self, size_bytes: int) -> bytes:
        """Return so many bytes, fewer only at the end; for headers, which are small."""
        parts: list[bytes] = []
        while size_bytes and (part := self.read(size_bytes)):
            parts.append(part)
            size_bytes -= len(part)
        return b"".join(parts)

    def _next(self) -> bytes:
        if self._cancelled():
            raise ArchiveRefusedError("reading the archive was cancelled")
        if self._decoder is None:
            return self._raw()
        broken = (zlib.error, lzma.LZMAError, ValueError, EOFError)
        if self._packing is Packing.ZSTD:
            broken = (*broken, zstd_module().ZstdError)
        try:
            out = self._unpack(self._decoder)
        except broken as error:
            raise ArchiveRefusedError(f"the archive is damaged: {error}") from error
        self._out_bytes += len(out)
        self._check_ratio()
        return out

    def _unpack(self, decoder: _Decoder) -> bytes:
        while True:
            if decoder.eof:
                rest = decoder.unused_data.lstrip(b"\0") or self._raw().lstrip(b"\0")
                if not rest:
                    return b""
                decoder = self._decoder = _decoder(self._packing)
                data = rest
            elif decoder.needs_input:
                data = self._raw()
                if not data:
                    raise ArchiveRefusedError("the archive is cut off")
            else:
                data = b""
            if out := decoder.decompress(data, STEP_BYTES):
                return out

    def _raw(self) -> bytes:
        data = os.pread(self._fd, STEP_BYTES, self._in_bytes)
        self._in_bytes += len(data)
        return data

    def _check_ratio(self) -> None:
        is_judged = self._out_bytes > self._limits.ratio_from_bytes
        if is_judged and self._out_bytes > self._in_bytes * self._limits.max_ratio:
            raise ArchiveRefusedError(
                f"the archive unpacks to more than {self._limits.max_ratio} times its size: a bomb"
            )


class _Encoder(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class PackedWriter:
    """Packs what is written to it into a file."""

    def __init__(self, fd: int, packing: Packing) -> None:
        """Write to `fd`, which stays the caller's, from where it stands.

        Raises:
            ArchiveRefusedError: zstd is wanted and not installed.
        """
        self._fd = fd
        self._encoder: _Encoder | None = None
        match packing:
            case Packing.GZIP:
                self._encoder = zlib.compressobj(6, wbits=31)
            case Packing.XZ:
                self._encoder = lzma.LZMACompressor(preset=2)
            case Packing.ZSTD:
                self._encoder = zstd_module().ZstdCompressor()
            case Packing.NONE:
                pass

    def write(self, data: bytes) -> None:
        """Add bytes. Raises `OSError` as the disk does."""
        write_all(self._fd, self._encoder.compress(data) if self._encoder else data)

    def close(self) -> None:
        """Write what is still held back; the file stays open."""
        if self._encoder is not None:
            write_all(self._fd, self._encoder.flush())


def write_all(fd: int, data: bytes) -> None:
    """Write every byte: `os.write` may take fewer and say nothing."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
