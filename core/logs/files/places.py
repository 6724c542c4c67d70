"""Gives each file that was not known its place in time, by where it stands among the known ones."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from core.errors import LogUnreadableError
from core.logs.files.file_segment import FileSegment
from core.logs.files.generations import (
    find_packed_origin,
    goes_on,
    is_being_packed,
    is_copy,
)
from core.logs.files.listing import Found, Listing
from core.logs.files.naming import Packing
from core.logs.files.opening import Identity, LogMissingError, LogMovedError
from core.logs.files.packed_file import PackedFile, Shelf
from core.logs.files.plain_file import HEAD_BYTES, Marks, OpenFiles, PlainFile
from core.logs.files.segment_book import SegmentBook

_NEAR = 4
"""As many of the youngest plain files are thought of as being packed just now."""


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
        self.has_pending = False
        """Whether a file was left out that may be the copy of another."""
        self._emptied: Sequence[FileSegment] = ()
        self._found: list[FileSegment] = []
        self._strangers: list[PlainFile] = []

    def place(
        self,
        listing: Listing,
        fresh: Mapping[Identity, PlainFile],
        followed: list[FileSegment],
        emptied: Sequence[FileSegment] = (),
    ) -> tuple[FileSegment, ...]:
        """Add what is unknown. `fresh` are new live files; `followed` were live before.

        Copies of `emptied` ones may be anywhere, however much was rotated since.

        Returns the plain files among them that were rotated before anybody saw them.
        """
        self._found, self.has_pending = [], False
        self._listing, self._fresh, self._emptied = listing, fresh, emptied
        self._live = [*fresh.values(), *(one.plain for one in followed if one.plain is not None)]
        listed = {found.identity for found in listing.files}
        order: list[Found | PlainFile] = list(listing.files)
        order += [body for identity, body in fresh.items() if identity not in listed]
        numbers = [self._number(one) for one in order]
        first = next((at for at, number in enumerate(numbers) if number is not None), len(order))
        unknown = [one for one in listing.files if self._book.find(one.identity) is None]
        self._strangers = [
            PlainFile(self._files, one.path, one.identity, Marks())
            for one in unknown
            if not one.is_live and one.packing is Packing.NONE
        ][-_NEAR:]
        # What was live and has no name any more, or was emptied, is older than all that was found
        # after it.
        nameless = [one.number for one in followed if one.identity not in listed]
        floor = max((*nameless, *(one.number for one in emptied)), default=None)
        self._place_older(order[:first], floor, numbers[first] if first < len(order) else None)
        self._place_younger(order[first:], numbers[first:])
        self._is_first = False
        return tuple(self._found)

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
            if not self._is_first and self._is_known_plain(packed, found):
                self.has_pending = self.has_pending or self._book.find(found.identity) is None
                return
            segment = self._book.add(packed, before, after)
        else:
            if is_near and self._is_copy_of_live(found):
                self.has_pending = True
                return  # it stands twice until the live file is emptied
            marks = Marks(found.size_bytes)
            body = PlainFile(self._files, found.path, found.identity, marks)
            body.stamp = (found.size_bytes, found.modified_ns)
            segment = self._book.add(body, before, after)
        if not self._is_first:
            self._book.grow(segment, 0)
            if segment.plain is not None:
                self._found.append(segment)

    def _is_known_plain(self, packed: PackedFile, found: Found) -> bool:
        """Return whether a packed file holds what a plain one held; if that is gone, move there.

        While it is being packed, both are there.
        """
        listed = {one.identity for one in self._listing.files}
        segments = [one for one in self._book.segments if one.plain is not None]
        missing = [one for one in segments if one.identity not in listed]
        near = [*missing, *self._emptied, *segments[-_NEAR:]]
        for segment in segments[-_NEAR:]:
            with suppress(LogUnreadableError):  # then it is known by its marks, or not at all
                if segment.plain is not None:
                    segment.plain.check()
        try:
            head = packed.peek(HEAD_BYTES)
        except LogUnreadableError:  # it has another name now; the next listing says which
            return True
        if not head or is_being_packed(head, [*self._live, *self._strangers], self._files):
            return True
        bodies = [one.plain for one in near if one.plain is not None]
        origin = find_packed_origin(head, found.modified_ns, bodies)
        for segment in missing:
            if segment.plain is origin:
                self._book.move(segment, packed)
        return origin is not None

    def _is_copy_of_live(self, found: Found) -> bool:
        try:
            opened = self._files.get(found.path, found.identity)
            return any(
                goes_on(opened, live.marks)
                or is_copy(opened, self._files.get(live.path, live.identity))
                for live in self._live
            )
        except (LogMissingError, LogMovedError):
            return True  # it has another name now; the next listing says which
        except LogUnreadableError:  # then it cannot be read as a log either
            return False
