"""What an archive may hold, and the rules that an entry's name and size must keep. Pure."""

import re
from dataclasses import dataclass, field

from core.errors import ClientGarbled
from core.model.text import clean

_MAX_NAME_BYTES = 4095
_MAX_WORD_BYTES = 255
_MAX_DEPTH = 64
# C0, DEL, C1, bidi marks and overrides, line and paragraph separators: what a terminal or a reader
# of lists acts on. Undecodable bytes (lone surrogates) are kept: files do have such names.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class ArchiveRefusedError(ClientGarbled):
    """An archive is not one that we unpack; the text names the entry and the rule."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may ask for."""

    max_entries: int = 500_000
    max_bytes: int = 256 * 1024**3
    """Of all files together, unpacked."""
    max_ratio: int = 400
    """Unpacked bytes for each packed one; judged from `ratio_from_bytes` on."""
    ratio_from_bytes: int = 64 * 1024**2
    max_header_bytes: int = 64 * 1024
    """Of one extended header."""


USUAL = ArchiveLimits()


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder of an archive."""

    name: str
    """Relative, without `.`, `..` and empty words; never absolute."""
    is_folder: bool
    size_bytes: int
    mode: int
    """Permission bits only."""
    mtime_s: int
    uid: int
    gid: int
    sha256: str = ""
    """Of its bytes; empty for a folder, and before it was read."""


@dataclass
class Names:
    """The names met so far, so that none comes twice or lies below a file."""

    limits: ArchiveLimits
    total_bytes: int = 0
    _files: set[str] = field(default_factory=set[str])
    _folders: set[str] = field(default_factory=set[str])
    _named_folders: set[str] = field(default_factory=set[str])

    def admit(self, entry: Entry) -> None:
        """Take an entry in.

        Raises:
            ArchiveRefusedError: it breaks a rule together with those before it.
        """
        if len(self._files) + len(self._named_folders) >= self.limits.max_entries:
            raise refused(entry.name, f"more than {self.limits.max_entries} entries")
        self.total_bytes += entry.size_bytes
        if self.total_bytes > self.limits.max_bytes:
            raise refused(entry.name, f"more than {self.limits.max_bytes} bytes unpacked")
        if entry.name in self._files or entry.name in self._named_folders:
            raise refused(entry.name, "the same name twice")
        if not entry.is_folder and entry.name in self._folders:
            raise refused(entry.name, "a file where a folder is")
        self._take_parents(entry)
        if entry.is_folder:
            self._folders.add(entry.name)
            self._named_folders.add(entry.name)
        else:
            self._files.add(entry.name)

    def _take_parents(self, entry: Entry) -> None:
        words = entry.name.split("/")[:-1]
        for length in range(len(words), 0, -1):
            parent = "/".join(words[:length])
            if parent in self._files:
                raise refused(entry.name, "it lies below a file")
            if parent in self._folders:
                return
            self._folders.add(parent)


def refused(name: str, why: str) -> ArchiveRefusedError:
    """Return the error for an entry, its name shown without effect."""
    return ArchiveRefusedError(f"archive entry {clean(name, 200)!r}: {why}; nothing was unpacked")


def checked_name(raw: str) -> str:
    """Return an entry's name as we use it; empty: the archive's own root.

    Raises:
        ArchiveRefusedError: it is absolute, climbs, hides something or is too long.
    """
    name = raw.removesuffix("/")
    while name.startswith("./"):
        name = name[2:]
    if name in ("", "."):
        if raw in ("", "/"):
            raise refused(raw, "no name" if not raw else "an absolute name")
        return ""
    if name.startswith("/"):
        raise refused(raw, "an absolute name")
    if _CONTROL.search(name):
        raise refused(raw, "a control character in the name")
    if len(name.encode("utf-8", "surrogateescape")) > _MAX_NAME_BYTES:
        raise refused(raw, f"a name of more than {_MAX_NAME_BYTES} bytes")
    _check_words(raw, name.split("/"))
    return name


def _check_words(raw: str, words: list[str]) -> None:
    if len(words) > _MAX_DEPTH:
        raise refused(raw, f"more than {_MAX_DEPTH} folders deep")
    for word in words:
        if word == "..":
            raise refused(raw, "'..' in the name")
        if word in ("", "."):
            raise refused(raw, "an empty word or '.' inside the name")
        if len(word.encode("utf-8", "surrogateescape")) > _MAX_WORD_BYTES:
            raise refused(raw, f"a word of more than {_MAX_WORD_BYTES} bytes in the name")
