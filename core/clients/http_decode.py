"""Decompresses a body piece by piece, never beyond its bound."""

import zlib

from core.errors import ClientGarbled


class BoundedBody:
    """Collects raw chunks and keeps at most `limit_bytes` of what they decode to."""

    def __init__(self, encoding: str, limit_bytes: int) -> None:
        """Take the content coding and the bound.

        Raises:
            ClientGarbled: a coding that was not asked for and that we cannot read.
        """
        self._limit = limit_bytes
        self._body = bytearray()
        self.is_truncated = False
        self._decoder: zlib._Decompress | None = None  # pyright: ignore[reportPrivateUsage] - its only name
        if encoding in {"gzip", "x-gzip", "deflate"}:
            self._decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)
        elif encoding not in {"", "identity"}:
            raise ClientGarbled("body in a coding that was not asked for")

    def feed(self, chunk: bytes) -> bool:
        """Take a chunk; return False when the bound is reached and reading should stop.

        Raises:
            ClientGarbled: the compressed data is broken.
        """
        room = self._limit - len(self._body)
        if self._decoder is None:
            piece = chunk
        else:
            try:
                piece = self._decoder.decompress(chunk, room + 1)
            except zlib.error as error:
                raise ClientGarbled("broken compressed body") from error
        self._body += piece[:room]
        if len(piece) > room:
            self.is_truncated = True
        return not self.is_truncated

    def finish(self) -> bytes:
        """Return what was kept."""
        return bytes(self._body)
