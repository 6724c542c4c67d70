"""Decides which file holds what: copies, moved files, files that go on where another stopped."""

from collections.abc import Iterable
from contextlib import suppress

from core.errors import LogUnreadableError
from core.logs.files.listing import Found
from core.logs.files.naming import Packing
from core.logs.files.opening import OpenedFile
from core.logs.files.packed_file import PackedFile, Shelf
from core.logs.files.plain_file import HEAD_BYTES, Marks, OpenFiles, PlainFile

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


def find_copy(
    files: OpenFiles, shelf: Shelf, strangers: Iterable[Found], marks: Marks
) -> PlainFile | PackedFile | None:
    """Return the file that holds what another held before it was cut, plain or packed."""
    for found in strangers:
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
    return None


def find_packed_origin(
    packed: PackedFile, found: Found, missing: Iterable[PlainFile]
) -> PlainFile | None:
    """Return which of the files that lost their name a new packed file was made from."""
    candidates = tuple(missing)
    head = b""
    with suppress(LogUnreadableError):
        head = packed.peek(HEAD_BYTES)
    for body in candidates:
        if body.marks.head and head[: len(body.marks.head)] == body.marks.head:
            return body
    # Never read, so no fingerprint: the packers keep the time of writing.
    same_time = [
        body for body in candidates
        if not body.marks.head and body.modified_ns // 10**9 == found.modified_ns // 10**9
    ]  # fmt: skip
    return same_time[0] if same_time else None
