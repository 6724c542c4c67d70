"""Gives each file that was not known its place in time, by where it stands among the known ones."""

from collections.abc import Mapping
from contextlib import suppress

from core.errors import LogUnreadableError
from core.logs.files.file_segment import FileSegment
from core.logs.files.generations import find_packed_origin, is_copy
from core.logs.files.listing import Found, Listing
from core.logs.files.naming import Packing
from core.logs.files.opening import Identity
from core.logs.files.packed_file import PackedFile, Shelf
from core.logs.files.plain_file import Marks, OpenFiles, PlainFile
from core.logs.files.segment_book import SegmentBook


def packed_file(shelf: Shelf, found: Found) -> PackedFile:
    """Return the body of a packed file; nothing is opened."""
    stamp = (found.size_bytes, found.modified_ns)
    return PackedFile(shelf, found.path, found.identity, found.packing, stamp)


class Places:
    """Adds files to a book of segments. Not thread-safe: its log's lock guards it."""

    def __init__(self, book: SegmentBook, files: OpenFiles, shelf: Shelf) -> None:
        """Take where segments are kept and how files are opened."""
        self._book = book
        self._files = files
        self._shelf = shelf
        self._live: list[PlainFile] = []
        self._fresh: Mapping[Identity, PlainFile] = {}
        self._listing = Listing((), (), ())
        self._is_first = True

    def place(
        self, listing: Listing, fresh: Mapping[Identity, PlainFile], followed: list[FileSegment]
    ) -> None:
        """Add what is unknown. `fresh` are new live files; `followed` were live before."""
        self._listing, self._fresh = listing, fresh
        self._live = [*fresh.values(), *(one.plain for one in followed if one.plain is not None)]
        listed = {found.identity for found in listing.files}
        order: list[Found | PlainFile] = list(listing.files)
        order += [body for identity, body in fresh.items() if identity not in listed]
        numbers = [self._number(one) for one in order]
        first = next((at for at, number in enumerate(numbers) if number is not None), len(order))
        # What was live and has no name any more is older than all that was found after it.
        floor = max((one.number for one in followed if one.identity not in listed), default=None)
        self._place_older(order[:first], floor, numbers[first] if first < len(order) else None)
        self._place_younger(order[first:], numbers[first:])
        self._is_first = False

    def _number(self, one: Found | PlainFile) -> int | None:
        segment = self._book.find(one.identity)
        return segment.number if segment is not None else None

    def _place_older(
        self, order: list[Found | PlainFile], floor: int | None, after: int | None
    ) -> None:
        is_above = floor is not None and (after is None or floor < after)
        before = floor if is_above else None
        for one in reversed(order):
            self._add(one, before, after, is_last=one is order[-1])
            number = self._number(one)
            after = after if number is None else number

    def _place_younger(self, order: list[Found | PlainFile], numbers: list[int | None]) -> None:
        following: list[int | None] = []
        after: int | None = None
        for number in reversed(numbers):
            following.append(after)
            after = after if number is None else number
        before: int | None = None
        for one, number, after_it in zip(order, numbers, reversed(following), strict=True):
            if number is None:
                self._add(one, before, after_it, is_last=True)
            placed = self._number(one)
            before = before if placed is None else placed

    def _add(
        self, one: Found | PlainFile, before: int | None, after: int | None, *, is_last: bool
    ) -> None:
        body = self._fresh.get(one.identity)
        if body is not None:
            self._book.add(body, before, after)
        elif isinstance(one, Found) and not one.is_live and one.size_bytes > 0:
            self._add_sibling(one, before, after, is_near=is_last or not self._is_first)

    def _add_sibling(
        self, found: Found, before: int | None, after: int | None, *, is_near: bool
    ) -> None:
        if found.packing is not Packing.NONE:
            packed = packed_file(self._shelf, found)
            origin = None if self._is_first else self._origin(packed, found)
            if origin is not None:
                self._book.move(origin, packed)
                return
            segment = self._book.add(packed, before, after)
        else:
            if is_near and self._is_copy_of_live(found):
                return  # it stands twice until the live file is emptied
            marks = Marks(found.size_bytes)
            body = PlainFile(self._files, found.path, found.identity, marks)
            body.stamp = (found.size_bytes, found.modified_ns)
            segment = self._book.add(body, before, after)
        if not self._is_first:
            self._book.grow(segment, 0)

    def _origin(self, packed: PackedFile, found: Found) -> FileSegment | None:
        """Return the segment that lost its plain file to this packed one."""
        missing = self._book.missing(one.identity for one in self._listing.files)
        bodies = [one.plain for one in missing if one.plain is not None]
        origin = find_packed_origin(packed, found, bodies)
        return self._book.find(origin.identity) if origin is not None else None

    def _is_copy_of_live(self, found: Found) -> bool:
        with suppress(LogUnreadableError):  # then it cannot be read as a log either
            opened = self._files.get(found.path, found.identity)
            return any(
                is_copy(opened, self._files.get(live.path, live.identity)) for live in self._live
            )
        return False
