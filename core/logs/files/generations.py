"""Decides which file holds what: copies, moved files, files that go on where another stopped."""

from collections.abc import Iterable
from contextlib import suppress

from core.errors import LogUnreadableError
from core.logs.files.listing import Found
from core.logs.files.naming import Packing
from core.logs.files.opening import OpenedFile
from core.logs.files.packed_file import PackedFile, Shelf
from core.logs.files.plain_file import HEAD_BYTES, Marks, OpenFiles, PlainFile, read_marks

_TAIL_BYTES = 128


def goes_on(opened: OpenedFile, marks: Marks) -> bool:
    """Return whether a file begins with all that is known of another.

    Raises:
        LogUnreadableError: the disk failed.
    """
    return 0 < marks.end_byte <= opened.stat().st_size and marks.fit(opened)


def is_copy(one: OpenedFile, other: OpenedFile) -> bool:
    """Return whether the shorter of two files is the beginning of the longer, by samples.

    Raises:
        LogUnreadableError: the disk failed.
    """
    size = min(one.stat().st_size, other.stat().st_size)
    tail_at = max(0, size - _TAIL_BYTES)
    return size > 0 and all(
        one.read(at, min(count, size)) == other.read(at, min(count, size))
        for at, count in ((0, HEAD_BYTES), (tail_at, _TAIL_BYTES))
    )


def _is_shortened(opened: OpenedFile, marks: Marks) -> bool:
    """Return whether a file is a copy that was made before the last known bytes were written."""
    size = opened.stat().st_size
    known = marks.head[:size]
    is_telling = b"\n" in known or len(known) == HEAD_BYTES
    return is_telling and size < marks.end_byte and opened.read(0, len(known)) == known


def find_copy(
    files: OpenFiles, shelf: Shelf, strangers: Iterable[Found], marks: Marks
) -> PlainFile | PackedFile | None:
    """Return the file that holds what another held before it was emptied, plain or packed.

    Where no file holds all of it, one that holds its beginning: copytruncate loses what is written
    between the copy and the cut.
    """
    shortened: PlainFile | None = None
    for found in (one for one in strangers if not one.is_live):
        with suppress(LogUnreadableError):  # it vanished again, or is none of our business
            if found.packing is not Packing.NONE:
                stamp = (found.size_bytes, found.modified_ns)
                packed = PackedFile(shelf, found.path, found.identity, found.packing, stamp)
                if marks.head and packed.peek(len(marks.head)) == marks.head:
                    return packed
                continue
            opened = files.get(found.path, found.identity)
            if goes_on(opened, marks):
                body = PlainFile(files, found.path, found.identity, marks)
                body.look()
                return body
            if shortened is None and _is_shortened(opened, marks):
                shorter = read_marks(opened, opened.stat().st_size)
                shortened = PlainFile(files, found.path, found.identity, shorter)
    return shortened


def find_packed_origin(
    head: bytes, modified_ns: int, candidates: Iterable[PlainFile]
) -> PlainFile | None:
    """Return which file a packed one was made from; `head` are its first unpacked bytes."""
    same_time: PlainFile | None = None
    for body in candidates:
        known = body.marks.head
        if body.marks.is_telling and head.startswith(known):
            return body
        # Never read, so no fingerprint: the packers keep the time of writing, some its seconds.
        kept_ns = body.modified_ns - (body.modified_ns % 10**9 if modified_ns % 10**9 == 0 else 0)
        if not known and kept_ns == modified_ns:
            same_time = body
    return same_time


def is_being_packed(head: bytes, bodies: Iterable[PlainFile], files: OpenFiles) -> bool:
    """Return whether a packed file may be the unfinished copy of one of these."""
    for body in bodies:
        with suppress(LogUnreadableError):  # it is gone or was moved
            now = files.get(body.path, body.identity).read(0, HEAD_BYTES)
            if now and (head.startswith(now) or now.startswith(head)):
                return True
    return False
