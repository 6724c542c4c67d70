"""A log file followed through time: its rotations read back, its growth noticed, no seam hidden."""

import os
import threading
from datetime import datetime, tzinfo

from core.logs.files.arrivals import Arrivals
from core.logs.files.file_segment import FileSegment
from core.logs.files.listing import Listing, folder_stamp, is_glob, read_listing
from core.logs.files.naming import split_rotation
from core.logs.files.opening import ANY, OpenRule
from core.logs.files.packed_file import Shelf
from core.logs.files.plain_file import Look, OpenFiles
from core.logs.files.segment_book import SegmentBook
from core.logs.files.unpacking import UnpackRule
from core.logs.segment import Segment
from core.logs.strands import MOST_STRANDS, strands_of
from core.logs.stream.followed import LogChange
from core.model.follow import FollowState, FollowWord
from core.model.log import LogPosition, SeamKind
from core.model.text import clean

_UNPACK = UnpackRule()
_KEPT_RENAMED = 2
"""Renamed files kept open: their writer may not have noticed yet."""
_KEPT_DELETED_S = 10.0
"""A deleted file without growth for so long is let go: while we hold it, so is its space."""
_KEPT_DELETED = 16
_FRESH_S = 2.0
"""A folder that changed so lately may change again without a newer time on it."""
_LIST_EVERY_S = 5.0
_LIST_PENDING_S = 1.0
_LISTING_TRIES = 5
"""A folder that changes while it is listed may hide a file that was just renamed."""
_ENTRIES_PER_S = 10_000
"""How many names are looked at again in a second, at most, where nothing forces a look."""


class LogFile:
    """Follows a path, a glob, or a path that rolls with the calendar (`app_%Y%m%d.jsonl`)."""

    def __init__(
        self,
        pattern: str,
        source: str = "",
        *,
        rule: OpenRule = ANY,
        unpack_rule: UnpackRule = _UNPACK,
        zone: tzinfo | None = None,
    ) -> None:
        """Open nothing yet. `zone` is where its days roll; None: this machine's."""
        self._pattern = os.path.join(os.getcwd(), pattern)  # noqa: PTH109, PTH118 - may be a glob
        self._source = source or pattern
        self._zone = zone
        self._files = OpenFiles(rule)
        self._shelf = Shelf(unpack_rule, rule)
        self._book = SegmentBook(self._source, self._strand_of)
        self._arrivals = Arrivals(self._book, self._files, self._shelf, rule)
        self._listing: Listing | None = None
        self._listed_s = 0.0
        self._today = ""
        self._left_out = 0
        self._quiet: dict[int, tuple[int, float]] = {}
        self._lock = threading.RLock()

    @property
    def source(self) -> str:
        """The configured log, as `system/service/log`, or a path."""
        return self._source

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What can be read, oldest first. Empty before the first poll."""
        with self._lock:
            return self._book.segments

    @property
    def state(self) -> FollowState:
        """How it stands; the best of its live files where there are several."""
        with self._lock:
            states = [track.state for track in self._arrivals.tracks.values()]
        order = (FollowWord.FOLLOWING, FollowWord.REFUSED, FollowWord.GONE, FollowWord.WAITING)
        if not states and self._book.segments:
            return FollowState(FollowWord.ENDED, clean("packed: nobody writes to it"))
        if not states:
            return FollowState(FollowWord.WAITING, clean(f"nothing matches {self._pattern}"))
        return min(states, key=lambda state: order.index(state.word))

    @property
    def watched_paths(self) -> tuple[str, ...]:
        """The live files and all folders in which one may appear."""
        with self._lock:
            folders = [folder for folder, _ in self._listing.folders] if self._listing else []
            followed = [segment.name for segment in self._arrivals.followed]
            return tuple(dict.fromkeys((*followed, *self._arrivals.tracks, *folders)))

    def poll(self, now_s: float) -> LogChange:
        """Return what has grown and where it was cut and joined since the last poll.

        The first poll tells of no growth: what is there then is history. Costs a few system calls
        when nothing has changed. `now_s`: seconds since 1970.
        """
        with self._lock:
            cut = [one for one in self._arrivals.followed if self._arrivals.look(one) is Look.CUT]
            if cut or self._is_listing_due(now_s):
                self._read_listing(now_s)
                if self._listing is not None:
                    self._arrivals.settle(self._listing, cut, now_s)
                    self._make_room()
                    self._tell_left_out(self._listing.left_out, now_s)
            self._let_go(now_s)
            self._tell_notes(now_s)
            return self._book.take()

    def close(self) -> None:
        """Close all files. What was read stays true; reading more raises LogUnreadableError."""
        with self._lock:
            self._files.close()
            self._shelf.close()

    def _strand_of(self, path: str) -> str:
        """Return the live path that a file of a glob is of; all files of another path are one."""
        if not is_glob(self._pattern):
            return ""
        folder, name = os.path.split(path)
        return f"{folder}/{split_rotation(name)[0]}"

    def _make_room(self) -> None:
        """Keep an unpacked file for each strand: they are read side by side, bit by bit."""
        strands = min(len(strands_of(self._book.segments)), MOST_STRANDS)
        self._shelf.room_files = max(self._shelf.rule.max_files, strands)

    def _tell_left_out(self, count: int, now_s: float) -> None:
        segments = self._book.segments
        if segments and count > self._left_out:
            note = f"{count} older files are not read: they are too many"
            position = LogPosition(segments[0].number, segments[0].begin_byte)
            self._book.mark(position, SeamKind.SKIPPED, note, now_s)
            self._left_out = count

    def _now(self, now_s: float) -> datetime:
        return datetime.fromtimestamp(now_s, self._zone).astimezone(self._zone)

    def _read_listing(self, now_s: float) -> None:
        now = self._now(now_s)
        for _ in range(_LISTING_TRIES):
            listing = self._listing = read_listing(self._pattern, now)
            if all(folder_stamp(folder) == stamp for folder, stamp in listing.folders):
                break
        self._listed_s, self._today = now_s, now.strftime("%Y%m%d%H")

    def _is_listing_due(self, now_s: float) -> bool:
        listing = self._listing
        if listing is None or any(track.has_moved for track in self._arrivals.tracks.values()):
            return True
        since_s = now_s - self._listed_s
        if 0 <= since_s < listing.entries / _ENTRIES_PER_S - 0.1:
            return False
        return (
            since_s >= (_LIST_PENDING_S if self._arrivals.has_pending else _LIST_EVERY_S)
            or self._now(now_s).strftime("%Y%m%d%H") != self._today
            or any(stamp / 1e9 > self._listed_s - _FRESH_S for _, stamp in listing.folders)
            or any(folder_stamp(folder) != stamp for folder, stamp in listing.folders)
        )

    def _let_go(self, now_s: float) -> None:
        """Close what nobody writes any more, so that its space is not held."""
        renamed: list[FileSegment] = []
        deleted: list[FileSegment] = []
        for segment in self._arrivals.lingering:
            body = segment.plain
            if body is None or not self._book.holds(segment):
                self._arrivals.release(segment)
            elif not body.is_deleted:
                renamed.append(segment)
            else:
                deleted.append(segment)
        for segment in deleted:
            self._forget_when_quiet(segment, now_s)
        for segment in deleted[:-_KEPT_DELETED]:
            self._arrivals.forget(segment)
        for track in self._arrivals.tracks.values():
            segment = track.segment if track.state.word is FollowWord.GONE else None
            if segment is not None and segment.plain is not None and segment.plain.is_deleted:
                self._forget_when_quiet(segment, now_s)
        for segment in renamed[:-_KEPT_RENAMED]:
            self._arrivals.release(segment)

    def _forget_when_quiet(self, segment: FileSegment, now_s: float) -> None:
        end, since_s = self._quiet.get(segment.number, (-1, now_s))
        if end != segment.end_byte:
            self._quiet[segment.number] = (segment.end_byte, now_s)
        elif now_s - since_s >= _KEPT_DELETED_S:
            note = f"{segment.name} was deleted: what it held cannot be read any more"
            position = LogPosition(segment.number, segment.end_byte)
            self._book.mark(position, SeamKind.VANISHED, note, now_s)
            self._quiet.pop(segment.number)
            self._arrivals.forget(segment)

    def _tell_notes(self, now_s: float) -> None:
        for segment in self._book.segments:
            if note := segment.take_note():
                position = LogPosition(segment.number, segment.end_byte)
                self._book.mark(position, SeamKind.UNREADABLE, note, now_s)
