"""A keyspace of names: what a census and a search for tokens ask, counted."""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from core.clients.keyspace.port import KeyContent, KeyLook, Keyspace, ScanPlace, SlowFacts
from core.clients.redis_errors import RedisSaid
from core.model.redis_key import KeyName
from core.model.redis_server import OwnLoad, ServerIdentity
from core.model.text import SafeText
from tests.unit.core.redis.server.infos import IDENTITY, info


class NamedKeys(Keyspace):
    """Keys by their place; asked more than is allowed at once, it refuses."""

    def __init__(self, count: int, key_of: Callable[[int], bytes]) -> None:
        self.count, self._key_of = count, key_of
        self.asked: dict[str, int] = {}
        self.who: ServerIdentity = IDENTITY
        self.told: Mapping[str, SafeText] = info()
        self.slow_lines: tuple[SlowFacts, ...] = ()
        self.contents_by_key: dict[bytes, KeyContent] = {}
        self.refuses: dict[str, str] = {}
        """Command to the code with which it is refused."""
        self.repeats_every = 0
        """If not 0, each so many slices SCAN gives the slice before once more."""
        self.is_writer: bool | None = False

    def _note(self, command: str, times: int = 1) -> None:
        self.asked[command] = self.asked.get(command, 0) + times
        if command in self.refuses:
            raise RedisSaid(self.refuses[command], f"no {command} for you")

    @property
    def load(self) -> OwnLoad:
        return OwnLoad(sum(self.asked.values()), 1.0, 200.0)

    async def identity(self) -> ServerIdentity:
        self._note("identity")
        return self.who

    async def info(self) -> tuple[Mapping[str, SafeText], int | None]:
        self._note("INFO")
        return self.told, self.count

    async def settings(self, names: Sequence[str]) -> Mapping[str, SafeText]:
        self._note("CONFIG GET")
        return {"save": SafeText("3600 1")}

    async def slow(self, count: int) -> tuple[SlowFacts, ...]:
        self._note("SLOWLOG GET")
        return self.slow_lines[:count]

    async def may(self, command: str, *arguments: str) -> bool | None:
        self._note("may")
        return self.is_writer

    async def ping_s(self) -> float:
        self._note("PING")
        return 0.001 * self.asked["PING"]

    async def scan(
        self, place: ScanPlace, match: str = "", kind: str = "", count: int = 500
    ) -> tuple[ScanPlace, tuple[KeyName, ...]]:
        assert count <= 500
        self._note("SCAN")
        begin, end = place.cursor, min(place.cursor + count, self.count)
        if self.repeats_every and self.asked["SCAN"] % self.repeats_every == 0:
            begin = max(begin - count, 0)
        names = (KeyName(self._key_of(at)) for at in range(begin, end))
        kept = tuple(one for one in names if not match or fnmatchcase(one.spelled, match))
        return ScanPlace(end, is_done=end == self.count), kept

    async def looks(self, keys: Sequence[KeyName]) -> tuple[KeyLook, ...]:
        assert len(keys) <= 100
        self._note("looks", len(keys))
        return tuple(KeyLook("hash" if b"limit" in key.raw else "string", None) for key in keys)

    async def memory_bytes(self, keys: Sequence[KeyName]) -> tuple[int | None, ...]:
        assert len(keys) <= 100
        self._note("memory", len(keys))
        return tuple(len(key.raw) for key in keys)

    async def contents(self, keys: Sequence[KeyName]) -> tuple[KeyContent, ...]:
        assert len(keys) <= 100
        self._note("contents", len(keys))
        gone = KeyLook("none", None)
        return tuple(self.contents_by_key.get(key.raw) or KeyContent(key, gone) for key in keys)


def named_keys(count: int, key_of: Callable[[int], bytes]) -> NamedKeys:
    """Return a keyspace of so many keys."""
    return NamedKeys(count, key_of)  # pyright: ignore[reportAbstractUsage] - nothing else is asked here
