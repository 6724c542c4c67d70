"""What a requeue is, and which of its messages have come back as dead letters."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.actions.families.dlq_look import identity, marks_in, replay_id
from core.actions.families.stream_look import streams_of
from core.actions.ports import Ports
from core.clients.keyspace.port import RawEntry
from core.model.redis_key import KeyName
from core.model.redis_spec import StreamSpec
from core.model.stream import EntryId

_PAGE = 500
_SCANNED = 100_000
Route = tuple[str, str]
"""A letter's id, and the stream that it goes to as spelled."""


@dataclass(frozen=True, slots=True)
class Requeue:
    """What the parts of one requeue have in common."""

    server: str
    key: str
    """The dead letters' stream, as spelled."""
    canary: Route
    """The first to go, alone."""
    rows: tuple[Route, ...]
    """All others."""
    payload_field: str
    strip: tuple[str, ...]
    rate_per_s: float
    wait_s: float
    """So long a message may stay unacknowledged before the rest is sent; 0: nobody waits."""
    last: str
    """The last id of the dead letters when it was planned: what comes back comes after it."""
    ends: tuple[Route, ...]
    """Last id and key of each target when it was planned."""
    may_make: bool
    """Whether a target that is not there may be made."""

    @property
    def spec(self) -> StreamSpec:
        """What is known of the shape of messages."""
        return StreamSpec("", (), payload_field=self.payload_field, strip_on_requeue=self.strip)

    @property
    def all(self) -> tuple[Route, ...]:
        """Every letter."""
        return (self.canary, *self.rows)


class Fate(StrEnum):
    """What became of a message that was sent again."""

    OPEN = "open"
    DONE = "acknowledged"
    BACK = "back"


@dataclass(slots=True)
class Sent:
    """A message that was sent again."""

    letter: str
    """The id of the dead letter that it was."""
    to: str
    id: EntryId
    """In its stream."""
    identity: str
    fate: Fate = Fate.OPEN


async def entries_after(
    ports: Ports, server: str, key: KeyName, start: EntryId
) -> AsyncGenerator[RawEntry]:
    """Yield a stream's entries from after an id on, as far as is looked."""
    control = streams_of(ports)
    for _ in range(0, _SCANNED, _PAGE):
        page = await control.entries(server, key, start, _PAGE)
        for one in page:
            yield one
        if len(page) < _PAGE:
            return
        start = page[-1].id


async def came_back(
    ports: Ports, job: Requeue, sent: Sequence[Sent], after: EntryId
) -> tuple[list[Sent], EntryId]:
    """Return which of these are dead letters again: by their mark, else by what they say.

    Args:
        ports: Of the site.
        job: What sent them.
        sent: Those that are asked about.
        after: The dead letter up to which was looked before.

    Returns:
        Them, and the dead letter up to which was looked now.
    """
    waiting = _Waiting(job, sent)
    found: list[Sent] = []
    async for raw in entries_after(ports, job.server, KeyName.read(job.key), after):
        after = raw.id
        one = waiting.taken(raw)
        if one is not None:
            found.append(one)
    return found, after


class _Waiting:
    """Messages that may come back, found by what a letter holds instead of one after another."""

    def __init__(self, job: Requeue, sent: Sequence[Sent]) -> None:
        self._job = job
        self._marked = {replay_id(job.key, one.letter).encode(): one for one in sent}
        self._alike: dict[str, list[Sent]] = {}
        for one in reversed(sent):
            self._alike.setdefault(one.identity, []).append(one)

    def taken(self, raw: RawEntry) -> Sent | None:
        """Return the message that a letter is, and expect it no more."""
        for mark in marks_in(raw.fields, self._job.key):
            if mark in self._marked:
                return self._marked.pop(mark)
        alike = self._alike.get(identity(raw.fields, self._job.spec), [])
        while alike:
            one = alike.pop()
            if self._marked.pop(replay_id(self._job.key, one.letter).encode(), None):
                return one
        return None
