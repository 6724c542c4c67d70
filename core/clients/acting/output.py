"""Takes what programs print: kept up to a cap, and appended, cleaned and masked, to a file."""

import os
from pathlib import Path
from types import TracebackType

from core.clients.acting.file_handles import told
from core.model.masking import mask_text
from core.model.secret import MASK, Secret
from core.model.text import SafeText, clean, clean_lines
from core.model.veil import VEIL

_MAX_LINE_BYTES = 64 * 1024
"""A line that does not end is shown in pieces of so much."""
_SHORTEST_SECRET = 4
"""Shorter ones would mask ordinary words."""


class OutputFile:
    """The file that lookers-on read. None: nobody looks on."""

    def __init__(self, path: Path | None) -> None:
        """Open nothing yet."""
        self._path = path
        self._handle: int | None = None

    def __enter__(self) -> "OutputFile":
        if self._path is not None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            with told(str(self._path)):
                self._handle = os.open(self._path, flags, 0o600)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def append(self, line: SafeText) -> None:
        """Append one line; a full disk ends the writing, never the program that prints."""
        if self._handle is None:
            return
        try:
            os.write(self._handle, f"{line}\n".encode())
        except OSError:
            os.close(self._handle)
            self._handle = None


class Printed:
    """What one stream of a program has said so far."""

    def __init__(self, max_bytes: int, secret: Secret | None, file: OutputFile) -> None:
        """Take the cap, and the secret that the program was given: it may say it again."""
        self._kept = bytearray()
        self._line = bytearray()
        self._max_bytes = max_bytes
        self._file = file
        plain = secret.reveal().strip() if secret else ""
        self._secret = plain if len(plain) >= _SHORTEST_SECRET else ""
        self.dropped_bytes = 0

    def add(self, chunk: bytes) -> None:
        """Take some more."""
        room = self._max_bytes - len(self._kept)
        taken = chunk[: max(0, room)]
        self.dropped_bytes += len(chunk) - len(taken)
        self._kept += taken
        self._line += taken
        *whole, rest = self._line.split(b"\n")
        for line in whole:
            self._show(line)
        if len(rest) > _MAX_LINE_BYTES:
            self._show(rest)
            rest = bytearray()
        self._line = rest

    def _show(self, line: bytes | bytearray) -> None:
        text = line.decode("utf-8", "replace").removesuffix("\r")
        self._file.append(clean(mask_text(VEIL.hide(self._without_secret(text)))))

    def _without_secret(self, text: str) -> str:
        return text.replace(self._secret, MASK) if self._secret else text

    def lines(self) -> tuple[SafeText, ...]:
        """Return what is kept, by lines without the last empty one; the rest goes to the file."""
        if self._line:
            self._show(self._line)
            self._line = bytearray()
        text = self._kept.decode("utf-8", "replace").removesuffix("\n")
        return clean_lines(self._without_secret(text)) if text else ()
