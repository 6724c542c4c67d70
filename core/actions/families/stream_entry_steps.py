"""Steps on entries of a stream: deleted, trimmed. They never come back under their ids."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from core.actions.families.stream_claim_steps import id_of
from core.actions.families.stream_look import entries_text, streams_of
from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.keyspace.port import RawEntry
from core.errors import ActionError
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.model.text import clean

_DUMPED = 5000
_DUMPED_BYTES = 32 * 1024 * 1024
"""Of values, all in memory at once; as lines they take twice as much."""
_PAGE = 500


def to_lines(entries: Sequence[RawEntry]) -> bytes:
    """Return entries as JSON lines; a value that is no text is `{"base64": …}`."""
    rows = [
        {"id": f"{one.id}", "fields": [[_text(name), _text(value)] for name, value in one.fields]}
        for one in entries
    ]
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


def from_lines(data: bytes) -> tuple[RawEntry, ...]:
    """Return the entries of such lines.

    Raises:
        ActionError: they are none of ours.
    """
    found: list[RawEntry] = []
    try:
        for line in data.splitlines():
            row: Any = json.loads(line)
            fields = tuple((_raw(name), _raw(value)) for name, value in row["fields"])
            found.append(RawEntry(id_of(row["id"]), fields))
    except (ValueError, KeyError, TypeError) as error:
        raise ActionError("these are no entries as they were exported") from error
    return tuple(found)


def size_of(one: RawEntry) -> int:
    """Return how many bytes an entry holds."""
    return sum(len(name) + len(value) for name, value in one.fields)


def _text(raw: bytes) -> str | dict[str, str]:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def _raw(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])


@part
@dataclass(frozen=True, slots=True)
class DeleteEntries(BareStep):
    """Entries go, in one stroke; a copy of them is kept with the action."""

    kind: ClassVar[str] = "stream.delete_entries"

    server: str
    key: str
    ids: tuple[str, ...]

    async def _there(self, ports: Ports) -> tuple[RawEntry, ...]:
        ids = [id_of(one) for one in self.ids]
        found = await streams_of(ports).entries_of(self.server, KeyName.read(self.key), ids)
        return tuple(one for one in found if one is not None)

    async def observe(self, ports: Ports) -> Seen:
        """See which of them are there."""
        left = len(await self._there(ports))
        text = clean(f"{left} of {entries_text(len(self.ids))} there")
        return Seen(Sight.BEFORE if left else Sight.AFTER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep all of them, as JSON lines."""
        work.keep(f"entries-{self.ids[0]}.jsonl", to_lines(await self._there(ports)))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Delete them."""
        ids = [id_of(one) for one in self.ids]
        count = await streams_of(ports).delete(self.server, KeyName.read(self.key), ids)
        work.say(clean(f"{entries_text(count)} of {len(ids)} deleted"))


@part
@dataclass(frozen=True, slots=True)
class TrimStream(BareStep):
    """All entries before one go, the oldest first: in portions, which nobody else feels."""

    kind: ClassVar[str] = "stream.trim"

    server: str
    key: str
    min_id: str
    """The first that stays."""
    count: int
    first: str = ""
    """The first that goes; empty: not known."""

    async def observe(self, ports: Ports) -> Seen:
        """See whether the first entry is one that stays, or still the first that goes."""
        facts = await streams_of(ports).stream(self.server, KeyName.read(self.key))
        if facts is None:
            return Seen(Sight.NEITHER, clean(f"there is no stream {self.key} any more"))
        text = clean(f"{entries_text(facts.length)}, the first is {facts.first}")
        if facts.first is None or facts.first >= id_of(self.min_id):
            return Seen(Sight.AFTER, text)
        is_begun = bool(self.first) and facts.first > id_of(self.first)
        return Seen(Sight.NEITHER if is_begun else Sight.BEFORE, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep what goes, as JSON lines; of very many the newest of them stay uncopied."""
        control, key, until = streams_of(ports), KeyName.read(self.key), id_of(self.min_id)
        rows: list[RawEntry] = []
        start: EntryId | None = None
        size = 0
        while len(rows) < _DUMPED and size < _DUMPED_BYTES:
            page = await control.entries(self.server, key, start, _PAGE)
            rows += [one for one in page if one.id < until]
            size += sum(map(size_of, page))
            if len(page) < _PAGE or page[-1].id >= until:
                break
            start = page[-1].id
        work.keep("entries.jsonl", to_lines(rows))
        work.say(clean(f"a copy of {entries_text(len(rows))} of {self.count} is kept"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Trim it."""
        control, key = streams_of(ports), KeyName.read(self.key)
        count = await control.trim(self.server, key, id_of(self.min_id), self.count)
        work.say(clean(f"{entries_text(count)} went"))
