"""Finding streams: in slices, with progress, each once, however often SCAN repeats it."""

import pytest

from core.clients.keyspace.port import KeyLook, ScanPlace
from core.clients.redis_errors import RedisSaid
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec, StreamSpec
from core.model.stream import Presence
from core.model.text import SafeText
from core.model.verdict import Verdict
from core.redis.streams.discovery import AGAIN_S, MOST_FOUND, Discovery
from core.redis.streams.named import guess_of, lacking, named_of
from tests.fakes.clock import FakeClock


class Scanned:
    """A server of `keys` keys of which some steps bring streams, some of them twice."""

    def __init__(self, keys: int, streams: dict[int, list[bytes]]) -> None:
        self.keys, self.streams = keys, streams
        self.steps = 0
        self.refusal: RedisSaid | None = None

    async def info(self) -> tuple[dict[str, SafeText], int | None]:
        return {}, self.keys

    async def scan(
        self, place: ScanPlace, match: str = "", kind: str = "", count: int = 500
    ) -> tuple[ScanPlace, tuple[KeyName, ...]]:
        assert kind == "stream"
        if self.refusal is not None:
            raise self.refusal
        self.steps += 1
        found = tuple(KeyName(name) for name in self.streams.get(place.cursor, []))
        at = place.cursor + count
        return ScanPlace(at, is_done=at >= self.keys), found


async def slices(discovery: Discovery, server: Scanned, steps: int) -> None:
    await discovery.go_on(server, 1.0, steps, lambda: None)  # pyright: ignore[reportArgumentType] - it asks for these two only


async def test_a_pass_is_taken_in_slices_and_goes_on_where_it_stood() -> None:
    server = Scanned(2500, {0: [b"a"], 500: [b"b", b"a"], 2000: [b"c"]})
    discovery = Discovery(FakeClock())
    await slices(discovery, server, 2)
    assert discovery.found == {KeyName(b"a"), KeyName(b"b")}
    assert discovery.progress is not None
    assert (discovery.progress.examined, discovery.progress.total) == (1000, 2500)
    assert not discovery.progress.is_complete
    assert discovery.is_due()
    await slices(discovery, server, 10)
    assert discovery.progress.is_complete
    assert discovery.progress.examined == 2500
    assert len(discovery.found) == 3
    assert server.steps == 5


async def test_a_new_pass_begins_later_and_forgets_what_is_gone() -> None:
    clock = FakeClock()
    server = Scanned(500, {0: [b"a", b"b"]})
    discovery = Discovery(clock)
    await slices(discovery, server, 5)
    assert not discovery.is_due()
    server.streams = {0: [b"b"]}
    await clock.advance(AGAIN_S)
    assert discovery.is_due()
    await slices(discovery, server, 5)
    assert discovery.found == {KeyName(b"b")}


async def test_a_server_of_nothing_but_streams_does_not_fill_our_memory() -> None:
    many = {at: [b"s%d" % (at + one) for one in range(500)] for at in range(0, 100_000, 500)}
    discovery = Discovery(FakeClock())
    await slices(discovery, Scanned(100_000, many), 1000)
    assert len(discovery.found) < MOST_FOUND + 501
    assert discovery.progress is not None
    assert discovery.progress.stopped == "more than 1,000 streams"
    assert not discovery.progress.is_complete


async def test_a_server_that_does_not_scan_says_so() -> None:
    server = Scanned(10, {})
    server.refusal = RedisSaid("NOPERM", "no permissions to run the 'scan' command")
    discovery = Discovery(FakeClock())
    await slices(discovery, server, 5)
    assert discovery.progress is not None
    assert discovery.progress.stopped.startswith("the server refuses to scan: NOPERM")


EVENTS = StreamSpec("events", ("events", "real"), dead_letters=("dead", "own"), max_depth=9)
OWN = StreamSpec("own", ("own",), note="of its own")
SERVER = RedisSpec("shop/redis", streams=(EVENTS, OWN))


def test_each_key_is_named_once_and_dead_letters_have_no_limits() -> None:
    named = named_of(SERVER)
    assert [(one.key.spelled, one.is_dead_letters) for one in named] == [
        ("events", False),
        ("real", False),
        ("dead", True),
        ("own", True),
    ]
    assert named[2].spec.max_depth is None
    assert named[3].spec == OWN


def test_a_named_stream_without_dead_letters_of_its_own_may_look_like_some() -> None:
    [only] = named_of(RedisSpec("s/r", streams=(StreamSpec("x", ("mail.dlq",), note="n"),)))
    assert only.is_dead_letters
    assert only.spec.note == "n; taken for dead letters by its name: a guess"


@pytest.mark.parametrize(
    ("kinds", "key", "presence", "verdict"),
    [
        (("none", "stream"), "events", Presence.MISSING, Verdict.OK),
        (("none", "none"), "events", Presence.MISSING, Verdict.DEGRADED),
        (("hash", "stream"), "events", Presence.WRONG_TYPE, Verdict.DEGRADED),
        (("none", "none"), "dead", Presence.MISSING, Verdict.OK),
    ],
)
def test_what_lacks_says_whether_that_is_bad(
    kinds: tuple[str, str], key: str, presence: Presence, verdict: Verdict
) -> None:
    names = [KeyName(name) for name in (b"events", b"real", b"dead")]
    looks = {name: KeyLook(kind, None) for name, kind in zip(names, (*kinds, "none"), strict=True)}
    one = next(one for one in named_of(SERVER) if one.key.spelled == key)
    row = lacking("shop/redis", one, looks)
    assert (row.presence, row.verdict) == (presence, verdict)
    assert row.reason


@pytest.mark.parametrize(
    ("name", "is_dead"),
    [
        (b"automation.dlq", True),
        (b"DLQ:mail", True),
        (b"dead-letters", True),
        (b"orders_dead_letter", True),
        (b"deadlines", False),
        (b"events", False),
    ],
)
def test_names_that_look_like_dead_letters(name: bytes, is_dead: bool) -> None:
    assert bool(guess_of(KeyName(name), None)) == is_dead
