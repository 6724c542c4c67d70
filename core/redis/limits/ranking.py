"""The records nearest to their limit, in memory that does not grow with their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from core.clients.keyspace.port import KeyContent
from core.model.limit import LimitRow
from core.model.redis_key import KeyName
from core.model.redis_spec import LimitSpec
from core.redis.aging import aged_by
from core.redis.limits.shapes import limit_rows

MOST_ROWS = 1000
_SLACK = 1000
"""So many more are kept before the mildest go: sorting is for many at once."""
_LAST = float("inf")


@dataclass(frozen=True, slots=True)
class Known:
    """What was read of one record, so that it can be reckoned anew at any later moment."""

    contents: tuple[KeyContent, ...]
    read_at_s: float
    """By the server's clock."""
    generation: int
    """The pass that last came by it."""


def severity(row: LimitRow) -> tuple[int, float, float, tuple[KeyName, ...]]:
    """Return what rows are ranked by: refused now, ran dry when last seen, invalid, the rest."""
    age_s = _LAST if row.last_seen_age_s is None else row.last_seen_age_s
    share = _LAST
    if row.tokens_now is not None:
        share = row.tokens_now / row.capacity if row.capacity else row.tokens_now
    if row.is_limited:
        return 0, share, age_s, row.keys
    if row.was_exhausted:
        return 1, age_s, share, row.keys
    if row.problem:
        return 2, share, age_s, row.keys
    return 3, share, age_s, row.keys


class Ranking:
    """The worst thousand of all records that were read.

    A heap of fixed size would do for a stream of rows; but rows change when they are read again,
    so this is a table by key that is cut to the worst whenever it has grown to twice that.
    """

    def __init__(self, specs: Sequence[LimitSpec], server: str) -> None:
        self._specs, self._server = tuple(specs), server
        self._known: dict[KeyName, Known] = {}
        self._mildest: tuple[int, float, float, tuple[KeyName, ...]] | None = None
        """Of the last rows, where there were enough: what is milder yet need not be kept."""
        self._left_out_by = 0
        """The last pass that left milder records out."""
        self.is_cut = False
        """Whether milder records were left out: totals cannot be told from the rows then."""

    def __len__(self) -> int:
        return len(self._known)

    def note(
        self, contents: Sequence[KeyContent], now_s: float, generation: int
    ) -> tuple[LimitRow, ...]:
        """Take up what was read just now; return its rows."""
        rows = limit_rows(contents, self._specs, now_s, self._server)
        by_key = {one.key: one for one in contents}
        for row in rows:
            if self._is_too_mild(row):
                self._leave_out(generation)
                continue
            parts = tuple(by_key[key] for key in row.keys)
            self._known[row.keys[0]] = Known(parts, now_s, generation)
        for one in contents:
            if one.look.kind == "none":
                self._known.pop(one.key, None)
        if len(self._known) > MOST_ROWS + _SLACK:
            self._cut(now_s)
            self._leave_out(generation)
        return rows

    def forget_before(self, generation: int) -> None:
        """Drop what a complete pass did not come by any more."""
        gone = [key for key, one in self._known.items() if one.generation < generation]
        for key in gone:
            del self._known[key]
        self._mildest = None
        self.is_cut = self._left_out_by >= generation

    def rows(self, now_s: float) -> tuple[LimitRow, ...]:
        """Return the rows as they are at a moment, the worst first."""
        rows = tuple(nsmallest(MOST_ROWS, self._rows(now_s), key=severity))
        self._mildest = severity(rows[-1]) if len(rows) == MOST_ROWS else None
        return rows

    def _is_too_mild(self, row: LimitRow) -> bool:
        """Whether a record would be cut at once: it is new, and milder than all that count."""
        is_new = row.keys[0] not in self._known
        return is_new and self._mildest is not None and severity(row) > self._mildest

    def _rows(self, now_s: float) -> Iterable[LimitRow]:
        for one in self._known.values():
            elapsed_s = max(now_s - one.read_at_s, 0.0)
            aged = [aged_by(elapsed_s, content) for content in one.contents]
            yield from limit_rows(aged, self._specs, now_s, self._server)

    def _cut(self, now_s: float) -> None:
        kept = {row.keys[0] for row in self.rows(now_s)}
        self._known = {key: one for key, one in self._known.items() if key in kept}

    def _leave_out(self, generation: int) -> None:
        self.is_cut, self._left_out_by = True, generation
