"""Many keys and letters in one action: the work grows as they do, not as their square."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

from core.actions.families.dlq_back import Requeue, Sent, came_back
from core.actions.families.dlq_look import identity, replay_id
from core.actions.families.redis_key_copies import pack
from core.actions.families.redis_key_steps import KeysGone
from core.actions.ports import Ports
from core.clients.acting.redis_key_values import KeyCopy, KeySight
from core.clients.keyspace.port import RawEntry
from core.model.action import Proof
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from tests.fakes.acting_files import FakeWork
from tests.unit.core.keys.store.test_many import assert_is_linear


class KeysThatCameAgain:
    """Every key is there, and holds something else than what was copied."""

    async def kinds(self, _server: str, keys: Sequence[KeyName]) -> tuple[KeySight, ...]:
        return tuple(KeySight(key, "hash") for key in keys)

    async def copies(self, _server: str, keys: Sequence[KeyName]) -> tuple[KeyCopy, ...]:
        return tuple(KeyCopy(key, b"new", None) for key in keys)


class Letters:
    """A stream of dead letters."""

    def __init__(self, entries: Sequence[RawEntry]) -> None:
        self._entries = entries

    async def entries(
        self, _server: str, _key: KeyName, start: EntryId, count: int
    ) -> tuple[RawEntry, ...]:
        at = start.ms - 1_000_000
        return tuple(self._entries[at : at + count])


class World:
    """Ports of what a test is about."""

    def __init__(self, **ports: Any) -> None:
        self.__dict__.update(ports)

    @property
    def ports(self) -> Ports:
        return cast("Ports", self)


def written_anew(count: int) -> Callable[[], object]:
    names = [f"rate_limit:{number}" for number in range(count)]
    work = FakeWork()
    copies = [KeyCopy(KeyName(one.encode()), b"old", None) for one in names]
    work.keep("keys.0000", b"".join(map(pack, copies)))
    world = World(redis_keys=KeysThatCameAgain())

    def prove() -> None:
        proven = asyncio.run(KeysGone("shop/redis", tuple(names)).prove(world.ports, work))
        assert proven.proof is Proof.VERIFIED
        assert proven.text.startswith(f"{count} of {count} were written anew")

    return prove


def test_records_that_were_written_anew_are_compared_once() -> None:
    assert_is_linear(written_anew)


def job_of(count: int) -> Requeue:
    rows = tuple((f"{number}-0", "events") for number in range(1, count + 1))
    return Requeue(
        "shop/redis", "dead", rows[0], rows[1:], "data", (), 50.0, 1.0, "1000000-0", (), False
    )


def back(count: int, *, is_marked: bool) -> Callable[[], object]:
    job = job_of(count)
    sent: list[Sent] = []
    letters: list[RawEntry] = []
    for number, (letter, to) in enumerate(job.all):
        body = (b"data", b'{"n": %d}' % number)
        mark = (b"replay_id", replay_id("dead", letter).encode())
        sent.append(Sent(letter, to, EntryId(5000 + number), identity((body,), job.spec)))
        fields = (body, mark) if is_marked else (body,)
        letters.append(RawEntry(EntryId(1_000_001 + number), fields))
    world = World(redis_streams=Letters(letters))

    def look() -> None:
        found, upto = asyncio.run(came_back(world.ports, job, sent, EntryId(1_000_000)))
        assert [one.letter for one in found] == [one.letter for one in sent]
        assert upto == EntryId(1_000_000 + count)

    return look


def test_messages_that_came_back_are_found_by_their_mark() -> None:
    assert_is_linear(lambda count: back(count, is_marked=True))


def test_messages_that_came_back_are_found_by_what_they_say() -> None:
    assert_is_linear(lambda count: back(count, is_marked=False))


def test_of_messages_that_say_the_same_each_comes_back_once() -> None:
    job = job_of(3)
    same = (b"data", b'{"n": 1}')
    sent = [Sent(one, to, EntryId(1), identity((same,), job.spec)) for one, to in job.all]
    mark = (b"cause", b"dead/2-0 and dead/20-0")
    letters = [
        RawEntry(EntryId(1_000_001 + at), fields)
        for at, fields in enumerate(((same, mark), (same,), (same,), (same,)))
    ]
    world = World(redis_streams=Letters(letters))
    found, _ = asyncio.run(came_back(world.ports, job, sent, EntryId(1_000_000)))
    assert [one.letter for one in found] == ["2-0", "1-0", "3-0"]
