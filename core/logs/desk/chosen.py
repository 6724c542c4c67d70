"""The logs side by side: opened and closed as they are chosen, with how each stands."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from core.errors import LogError
from core.logs.browse.opened_log import OpenedLog
from core.logs.desk.rows import with_known_seams
from core.model.follow import FollowWord
from core.model.log import Seam, SeamKind
from core.model.log_view import LogRow, LogStatus
from core.model.text import SafeText, clean

_SEAMS_KEPT = 200
_ABSENT = (FollowWord.WAITING, FollowWord.REFUSED, FollowWord.GONE)


class ChosenLogs:
    """The logs that can be chosen, and those that are open because they are.

    Args:
        titles: What each is called, by source, in the order of the list.
        open_log: Opens one by its source. Raises LogError.
    """

    def __init__(
        self, titles: Mapping[str, SafeText], open_log: Callable[[str], OpenedLog]
    ) -> None:
        self._titles = dict(titles)
        self._open_log = open_log
        self._logs: dict[str, OpenedLog] = {}
        self._failed: dict[str, SafeText] = {}
        self._lost: dict[str, int] = {}
        self._seams: deque[Seam] = deque(maxlen=_SEAMS_KEPT)

    @property
    def opened(self) -> tuple[OpenedLog, ...]:
        """The open ones, in the order in which they were chosen."""
        return tuple(self._logs.values())

    @property
    def lost_bytes(self) -> int:
        """What came and could not be read, all logs together."""
        return sum(self._lost.values())

    @property
    def seams(self) -> tuple[Seam, ...]:
        """Where the open logs were cut and joined, the latest few; a log tells each only once."""
        return tuple(self._seams)

    def remember(self, seams: Iterable[Seam]) -> None:
        """Keep seams for when their page is read again; a mark takes the place of one that grew."""
        for one in seams:
            grown = [
                old
                for old in self._seams
                if one.kind is SeamKind.ACTION
                and (old.source, old.position, old.kind) == (one.source, one.position, one.kind)
            ]
            for old in grown:
                self._seams.remove(old)
            self._seams.append(one)

    def with_seams(
        self, rows: tuple[LogRow, ...], is_at_start: bool, *, is_at_end: bool
    ) -> tuple[LogRow, ...]:
        """Return rows that were read with the seams that are known."""
        return with_known_seams(rows, self.seams, is_at_start=is_at_start, is_at_end=is_at_end)

    def choose(self, sources: tuple[str, ...]) -> None:
        """Open these and close all others; what cannot be opened says why in its status."""
        for source in set(self._logs) - set(sources):
            self._logs.pop(source).close()
            self._seams = deque((one for one in self._seams if one.source != source), _SEAMS_KEPT)
        self._failed = {one: why for one, why in self._failed.items() if one in sources}
        for source in sources:
            if source in self._logs or source not in self._titles:
                continue
            try:
                self._logs[source] = self._open_log(source)
                self._failed.pop(source, None)
            except LogError as error:
                self._failed[source] = clean(str(error), 300)

    def count_lost(self, source: str, size_bytes: int) -> None:
        """Remember bytes that will never be shown."""
        if size_bytes:
            self._lost[source] = self._lost.get(source, 0) + size_bytes

    def statuses(self) -> tuple[LogStatus, ...]:
        """Return how it stands with each log that can be chosen."""
        return tuple(self._status(source, title) for source, title in self._titles.items())

    def close(self) -> None:
        """Let go of all logs."""
        for log in self._logs.values():
            log.close()

    def _status(self, source: str, title: SafeText) -> LogStatus:
        if source in self._failed:
            return LogStatus(source, title, True, "refused", self._failed[source])
        log = self._logs.get(source)
        if log is None:
            return LogStatus(source, title)
        state, lost = log.state, self._lost.get(source, 0)
        # What is not there has no size; an empty file has none of its bytes.
        size = log.size_bytes if log.segments else None
        note = state.note
        if log.hint and state.word in _ABSENT:
            note = clean("; ".join(part for part in (state.note, log.hint) if part))
        return LogStatus(source, title, True, str(state.word), note, size, lost)
