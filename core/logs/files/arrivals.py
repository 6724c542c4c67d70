"""Settles what a listing means: which file is new, which was moved, copied, cut, or is gone."""

import os
from dataclasses import dataclass

from core.errors import LogUnreadableError
from core.logs.files.file_segment import FileSegment
from core.logs.files.generations import find_copy, goes_on
from core.logs.files.listing import Found, Listing
from core.logs.files.naming import Packing
from core.logs.files.opening import Identity, LogMissingError, OpenRule
from core.logs.files.packed_file import PackedFile, Shelf
from core.logs.files.places import Places, packed_file
from core.logs.files.plain_file import Look, Marks, OpenFiles, PlainFile
from core.logs.files.segment_book import SegmentBook
from core.logs.files.track import Track
from core.model.follow import FollowState, FollowWord
from core.model.log import LogPosition, SeamKind
from core.model.text import clean

_MAX_TRACKS = 64
_MAX_EMPTIED = 64
_LOOKS_FOR_COPY = 3
_COPY_S = 1.0
"""So long, and in so many listings, the copy of an emptied file is looked for."""
_FOLLOWING = FollowState(FollowWord.FOLLOWING)


@dataclass(slots=True)
class _Emptied:
    """A segment whose file was emptied, and whose copy was not found yet."""

    segment: FileSegment
    marks: Marks
    since_s: float
    looks: int = 0


class Arrivals:
    """Follows the live paths of one log. Not thread-safe: its log's lock guards it."""

    def __init__(self, book: SegmentBook, files: OpenFiles, shelf: Shelf, rule: OpenRule) -> None:
        """Take where segments are kept and how files are opened."""
        self._book = book
        self._files = files
        self._shelf = shelf
        self._places = Places(book, files, shelf)
        self._may_leave = bool(rule.roots)
        self._is_first = True
        self._missed: dict[int, int] = {}
        self._emptied: list[_Emptied] = []
        self._listings_without = _LOOKS_FOR_COPY
        """In so many listings, one after the other, nothing was left out."""
        self._left_out_s = self._settled_s = float("-inf")
        self.tracks: dict[str, Track] = {}
        self.lingering: list[FileSegment] = []
        """Files that were live; kept open for a while, since their writer may go on."""

    @property
    def followed(self) -> tuple[FileSegment, ...]:
        """What is looked at in every poll, oldest first: an old file is read to its end first."""
        live = [track.segment for track in self.tracks.values() if track.segment is not None]
        every = {segment.number: segment for segment in (*self.lingering, *live)}
        return tuple(every[number] for number in sorted(every))

    def look(self, segment: FileSegment) -> Look:
        """Look at one file, and note its growth."""
        body, end = segment.plain, segment.end_byte
        if body is None:
            return Look.SAME
        try:
            look = body.look()
        except LogUnreadableError:  # the listing says where it went
            return Look.SAME
        if look is Look.GROWN:
            self._book.grow(segment, end)
        return look

    def settle(self, listing: Listing, cut: list[FileSegment], now_s: float) -> None:
        """Bring segments and live paths in line with a listing."""
        self._follow_names(listing, now_s)
        self._search_emptied(listing, now_s)
        for segment in cut:
            self._settle_cut(segment, listing, now_s)
        self._retire_tracks(listing)
        fresh: dict[Identity, tuple[Track, PlainFile]] = {}
        for path in dict.fromkeys((*listing.live_paths, *self.tracks)):
            track = self.tracks.setdefault(path, Track(path))
            track.refused = None  # it may have been allowed meanwhile
            body = self._arrive(track, now_s)
            if body is not None:
                fresh[body.identity] = (track, body)
        live = [track.segment for track in self.tracks.values() if track.segment is not None]
        bodies = {identity: body for identity, (_, body) in fresh.items()}
        emptied = [one.segment for one in self._emptied]
        found = self._places.place(listing, bodies, [*self.lingering, *live], emptied)
        self._settled_s = now_s
        self._listings_without += 1
        if self._places.has_pending:
            self._listings_without, self._left_out_s = 0, now_s
        for segment in found:  # nobody saw them while they were live: their writer may go on
            self._files.hold(segment.identity)
            self.lingering.append(segment)
        for track, body in fresh.values():
            self._begin(track, body, listing, now_s)
        self._drop_vanished(listing)
        self._is_first = False

    # --- names -----------------------------------------------------------------------------

    def _follow_names(self, listing: Listing, now_s: float) -> None:
        """Note the new names of known files; what was overwritten in place is another file."""
        followed = self.followed
        for found in listing.files:
            segment = self._book.find(found.identity)
            if segment is None:
                continue
            if isinstance(segment.body, PackedFile):
                self._follow_packed(segment, segment.body, found)
            elif found.packing is not Packing.NONE:
                self._leave(segment, now_s)
            else:
                segment.body.path = found.path
                if segment not in followed and self._is_overwritten(segment, found):
                    self._leave(segment, now_s)

    def _leave(self, segment: FileSegment, now_s: float) -> None:
        """The file of a segment holds something else now; a copy of the old may be somewhere."""
        self._book.detach(segment)
        self.lingering = [one for one in self.lingering if one is not segment]
        if segment.plain is None or not segment.plain.marks.is_telling:
            self._book.drop(segment)
        else:
            self._emptied.append(_Emptied(segment, segment.plain.marks, now_s))

    def _follow_packed(self, segment: FileSegment, body: PackedFile, found: Found) -> None:
        if found.packing is Packing.NONE:  # it was deleted, and its inode given away
            self._book.drop(segment)
            return
        body.path = found.path
        if (found.size_bytes, found.modified_ns) != body.stamp:
            self._book.move(segment, packed_file(self._shelf, found))

    def _is_overwritten(self, segment: FileSegment, found: Found) -> bool:
        body = segment.plain
        if body is None or (found.size_bytes, found.modified_ns) == body.stamp:
            return False
        if not body.marks.head:  # never read: its inode may have been given to another file
            return body.end_byte > 0
        return self.look(segment) is Look.CUT

    # --- cut in place ----------------------------------------------------------------------

    def _settle_cut(self, segment: FileSegment, listing: Listing, now_s: float) -> None:
        """Find what a file held before it was cut, and follow what it holds now."""
        body = segment.plain
        if body is None or self._book.find(body.identity) is not segment:
            return
        copy = self._find_copy(segment, body.marks, listing)
        if copy is not None:
            note = f"{body.path} was emptied; what stood in it is in {os.path.basename(copy.path)}"  # noqa: PTH119
        else:
            self._emptied.append(_Emptied(segment, body.marks, now_s))
            note = f"{body.path} was emptied; what stood in it is gone"
        again = PlainFile(self._files, body.path, body.identity, Marks())
        follower = self._book.add(again)
        self.look(follower)
        again.skip_hole()
        if again.begin_byte:
            self._book.grow(follower, again.begin_byte)
            note += f"; {again.begin_byte} bytes without data skipped"
        for track in self.tracks.values():
            if track.segment is segment:
                track.segment = follower
        self.lingering = [follower if one is segment else one for one in self.lingering]
        position = LogPosition(follower.number, again.begin_byte)
        self._book.mark(position, SeamKind.TRUNCATED, note, now_s)

    def _find_copy(
        self, segment: FileSegment, marks: Marks, listing: Listing
    ) -> PlainFile | PackedFile | None:
        """Let the copy of an emptied file hold its segment, with what nobody had read of it."""
        # Oldest first: what was rotated since, and nobody saw, is younger than the copy.
        strangers = [one for one in listing.files if self._book.find(one.identity) is None]
        copy = find_copy(self._files, self._shelf, strangers, marks)
        if copy is not None:
            self._book.move(segment, copy)
            if isinstance(copy, PackedFile) or copy.end_byte > marks.end_byte:
                self._book.grow(segment, marks.end_byte)
        return copy

    def _search_emptied(self, listing: Listing, now_s: float) -> None:
        """Look again for copies: in the moment of a rotation a listing may miss one."""
        for surplus in self._emptied[:-_MAX_EMPTIED]:
            self._book.drop(surplus.segment)
        self._emptied = self._emptied[-_MAX_EMPTIED:]
        for one in list(self._emptied):
            one.looks += 1
            if self._find_copy(one.segment, one.marks, listing) is not None:
                self._emptied.remove(one)
            elif (
                one.looks >= _LOOKS_FOR_COPY
                and now_s - one.since_s >= _COPY_S
                and not self.has_pending
            ):
                self._emptied.remove(one)
                self._book.drop(one.segment)

    # --- live paths ------------------------------------------------------------------------

    def _retire_tracks(self, listing: Listing) -> None:
        """Stop following yesterday's file as the live one; and the oldest of too many."""
        is_rolling = len(listing.live_paths) == 1
        stale = [path for path in self.tracks if path not in listing.live_paths]
        for path in stale if is_rolling else stale[: max(0, len(self.tracks) - _MAX_TRACKS)]:
            segment = self.tracks.pop(path).segment
            if segment is not None:
                self.lingering.append(segment)

    def _arrive(self, track: Track, now_s: float) -> PlainFile | None:
        """Open what a live path names; return it when it is a file that was not known."""
        is_told = track.segment is not None or bool(track.state.note)
        if is_told and not track.has_moved:
            return None
        seen = track.seen_identity()
        try:
            opened = self._files.open(track.path)
            track.accept(opened, may_leave=self._may_leave)
        except LogMissingError as error:
            self._lose(track, str(error), now_s)
            return None
        except LogUnreadableError as error:
            self._refuse(track, seen, str(error), now_s)
            return None
        old, track.refused = track.segment, None
        self._files.hold(opened.identity)
        known = self._book.find(opened.identity)
        if known is not None and (known.plain is None or self.look(known) is Look.CUT):
            self._leave(known, now_s)  # its inode was given away
            known = None
        if known is not None:
            self._return(track, known, now_s)
            return None
        if old is not None and old.plain is not None:
            self.look(old)  # to its end, before the new one is taken
            if old.plain.marks.is_telling and goes_on(opened, old.plain.marks):
                self._go_on(track, old, opened.identity, now_s)
                return None
        return PlainFile(self._files, track.path, opened.identity, Marks())

    def _lose(self, track: Track, note: str, now_s: float) -> None:
        if track.state.word is FollowWord.FOLLOWING and track.segment is not None:
            position = LogPosition(track.segment.number, track.segment.end_byte)
            self._book.mark(position, SeamKind.VANISHED, f"{track.path} is gone", now_s)
            track.state = FollowState(FollowWord.GONE, clean(f"{track.path} is gone"))
        elif track.state.word is not FollowWord.GONE:
            track.state = FollowState(FollowWord.WAITING, clean(note))

    def _refuse(self, track: Track, seen: Identity | None, note: str, now_s: float) -> None:
        if track.segment is not None and track.state.word is not FollowWord.REFUSED:
            position = LogPosition(track.segment.number, track.segment.end_byte)
            self._book.mark(position, SeamKind.UNREADABLE, note, now_s)
        track.refused = seen
        track.state = FollowState(FollowWord.REFUSED, clean(note))

    def _return(self, track: Track, known: FileSegment, now_s: float) -> None:
        """A file that was known has become the live one (again)."""
        if track.segment is not None and track.segment is not known:
            self.lingering.append(track.segment)
        if track.state.word is not FollowWord.FOLLOWING and not self._is_first:
            position = LogPosition(known.number, known.end_byte)
            self._book.mark(position, SeamKind.APPEARED, f"{track.path} is back", now_s)
        self.look(known)
        self.lingering = [one for one in self.lingering if one is not known]
        track.segment, track.state = known, _FOLLOWING

    def _go_on(self, track: Track, old: FileSegment, identity: Identity, now_s: float) -> None:
        """Another file begins with all that was known: the log goes on in it."""
        marks, former = (old.plain.marks if old.plain else Marks()), old.identity
        self._book.move(old, PlainFile(self._files, track.path, identity, marks))
        self._files.forget(former)
        note = f"{track.path} is another file that begins with the same bytes: it goes on"
        position = LogPosition(old.number, old.end_byte)
        self._book.mark(position, SeamKind.REPLACED, note, now_s)
        self.look(old)
        track.state = _FOLLOWING

    def _begin(self, track: Track, body: PlainFile, listing: Listing, now_s: float) -> None:
        """A file that was not known is the live one from now on."""
        segment, old = self._book.find(body.identity), track.segment
        if segment is None:
            return
        body.look()
        body.skip_hole()
        was, track.segment, track.state = track.state.word, segment, _FOLLOWING
        if old is not None:
            self.lingering.append(old)
        if self._is_first:
            return
        if body.end_byte > body.begin_byte:
            self._book.grow(segment, body.begin_byte)
        kind, note = self._how(old, was, track, listing)
        self._book.mark(LogPosition(segment.number, body.begin_byte), kind, note, now_s)

    def _how(
        self, old: FileSegment | None, was: FollowWord, track: Track, listing: Listing
    ) -> tuple[SeamKind, str]:
        moved = next((one for one in listing.files if old and one.identity == old.identity), None)
        if moved is not None:
            name = os.path.basename(moved.path)  # noqa: PTH119
            return SeamKind.ROTATED, f"{track.path} was rotated; what came before is in {name}"
        if old is not None and was is FollowWord.FOLLOWING:
            return SeamKind.REPLACED, f"{track.path} was replaced by another file"
        if old is None and self.lingering and len(self.tracks) == 1:
            return SeamKind.ROTATED, f"the log goes on in {track.path}"
        return SeamKind.APPEARED, f"{track.path} appeared"

    # --- what is over ----------------------------------------------------------------------

    def _drop_vanished(self, listing: Listing) -> None:
        """Forget rotated files that are not there any more; twice, since a listing may miss one."""
        missing = self._book.missing(found.identity for found in listing.files)
        followed = self.followed
        gone = [one for one in missing if one not in followed]
        self._missed = {one.number: self._missed.get(one.number, 0) + 1 for one in gone}
        for segment in gone:
            if self._missed[segment.number] > 1 and not self._may_have_copy(segment):
                self.forget(segment)

    def _may_have_copy(self, segment: FileSegment) -> bool:
        """Return whether a file that was left out may be the copy of this one."""
        known = segment.plain is not None and bool(segment.plain.marks.head)
        return known and self.has_pending

    @property
    def has_pending(self) -> bool:
        """Whether a file was left out that may be the copy of another.

        While files are renamed a listing may miss one: it is waited for a while longer.
        """
        is_recent = self._settled_s - self._left_out_s < _COPY_S
        return is_recent or self._listings_without < _LOOKS_FOR_COPY

    def release(self, segment: FileSegment) -> None:
        """Keep a file open no longer than others that are read."""
        self.lingering = [one for one in self.lingering if one is not segment]
        live = [track.segment for track in self.tracks.values()]
        if segment not in live:
            self._files.release(segment.identity)

    def forget(self, segment: FileSegment) -> None:
        """Forget a segment whose file is gone."""
        self.lingering = [one for one in self.lingering if one is not segment]
        for track in self.tracks.values():
            if track.segment is segment:
                track.segment = None
        self._files.forget(segment.identity)
        if not self._may_have_copy(segment):
            self._book.drop(segment)
