"""A stretch of a log that one file holds; which file that is may change under it."""

from core.errors import LogUnreadableError
from core.logs.files.opening import Identity, LogMissingError, LogMovedError
from core.logs.files.packed_file import PackedFile
from core.logs.files.plain_file import PlainFile
from core.logs.stream.followed import Cancelled
from core.model.text import EMPTY, SafeText, clean

GAP = 1024
"""Between the numbers of neighbours, so that a file found late gets its place between them."""


class FileSegment:
    """A generation of a log: a rotation, a packed copy or a copy before a cut only move it."""

    def __init__(self, number: int, body: PlainFile | PackedFile, strand: str = "") -> None:
        """Take its place in the log, where its bytes are, and with which files it belongs."""
        self.number = number
        self.strand = strand
        self._body = body
        self._note = EMPTY
        self._is_note_told = False

    @property
    def name(self) -> str:
        """The path it was seen at last."""
        return self._body.path

    @property
    def begin_byte(self) -> int:
        """The first byte: 0, unless the file begins with a hole."""
        return self._body.begin_byte

    @property
    def end_byte(self) -> int:
        """One past the last byte seen; 0 for a packed file that is not prepared."""
        return self._body.end_byte

    @property
    def body(self) -> PlainFile | PackedFile:
        """Where its bytes are now."""
        return self._body

    @property
    def plain(self) -> PlainFile | None:
        """Where its bytes are, when that is a plain file."""
        return self._body if isinstance(self._body, PlainFile) else None

    @property
    def identity(self) -> Identity:
        """The file that holds it."""
        return self._body.identity

    def move(self, body: PlainFile | PackedFile) -> None:
        """Let another file hold the same bytes."""
        self._body = body

    def prepare(self, cancelled: Cancelled) -> bool:
        """Make it readable; see `PackedSegment`. What may not be read counts as empty."""
        body = self._body
        if isinstance(body, PackedFile):
            return body.prepare(cancelled)
        try:
            body.check()
        except (LogMissingError, LogMovedError):
            return True  # the next poll finds where it went, or that it is gone
        except LogUnreadableError as error:
            body.give_up()
            self._note = clean(str(error))
        return True

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        """Return up to `size_bytes` bytes from `offset_byte`; fewer only at the end.

        Raises:
            LogUnreadableError: they cannot be had any more, or not any more from where they were:
                poll the log and ask again.
        """
        return self._body.read(offset_byte, size_bytes)

    @property
    def note(self) -> SafeText:
        """Why not all of it can be read; empty when it can, or is not known yet."""
        return self._note or (self._body.note if isinstance(self._body, PackedFile) else EMPTY)

    def take_note(self) -> SafeText:
        """Return why not all of it can be read, once; empty otherwise."""
        note = self.note
        if not note or self._is_note_told:
            return EMPTY
        self._is_note_told = True
        return note


class Numbers:
    """Gives segments their numbers, each once: whoever reads remembers places by it."""

    def __init__(self) -> None:
        self._given: set[int] = set()
        self._lowest = self._highest = 0

    def take_between(self, before: int | None, after: int | None) -> int:
        """Return the number of a segment found between two others; None: nothing is known there."""
        number = self._between(before, after)
        self._given.add(number)
        self._lowest, self._highest = min(self._lowest, number), max(self._highest, number)
        return number

    def _between(self, before: int | None, after: int | None) -> int:
        if after is None:
            return self._highest + GAP if self._given else 0
        if before is None:
            return self._lowest - GAP
        middle = (before + after) // 2
        # Ten files found late at one place: its order is lost, its lines are not.
        return middle if middle not in self._given else self._highest + GAP
