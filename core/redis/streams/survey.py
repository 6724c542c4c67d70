"""Reads every stream of a server, look by look: named ones each time, the others in turn."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.clients.clock import Clock
from core.clients.keyspace.port import KeyLook, Keyspace
from core.clients.redis_errors import RedisSaid
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec
from core.model.stream import Presence, Stream
from core.model.text import SafeText, clean
from core.model.verdict import Verdict
from core.redis.streams.discovery import Discovery
from core.redis.streams.memory import Moment, StreamMemory
from core.redis.streams.named import UNNAMED, Named, guess_of, lacking, named_of
from core.redis.streams.reading import StreamReader
from core.redis.streams.words import problem_of

_SLICE_S, _SLICE_STEPS = 0.3, 20
"""Of the scan for streams, at each look."""
_SCAN_S, _SCAN_STEPS = 600.0, 1_000_000
"""Of a scan that a person wishes for."""
_UNNAMED_AT_ONCE = 30
_SIZED = 64
"""Streams whose memory is asked for."""
_RARELY_S = 60.0
"""Between questions about memory and version."""
_TELLS_INACTIVE = (7, 2)


class Survey:
    """What streams there are, and how each is.

    Args:
        spec: The server, and what is configured of it.
        clock: For budgets and rates.
        change: Called whenever `rows` or the discovery's progress has changed.
    """

    def __init__(self, spec: RedisSpec, clock: Clock, change: Callable[[], None]) -> None:
        self._spec, self._clock, self._change = spec, clock, change
        self._named = named_of(spec)
        self._rows: dict[KeyName, Stream] = {}
        self._memories: dict[KeyName, StreamMemory] = {}
        self._guesses: dict[KeyName, SafeText] = {}
        self._met = frozenset[KeyName]()
        """Streams that a person named before any scan had come to them."""
        self._turn = 0
        self._rarely_at_s: float | None = None
        self.looked: Moment | None = None
        """When the last look began."""
        self._tells_inactive = False
        self._is_scanning = False
        self.discovery = Discovery(clock)

    def rows(self) -> tuple[Stream, ...]:
        """Return configured streams in their order, then the others by name."""
        first = [self._rows[one.key] for one in self._named if one.key in self._rows]
        return (*first, *(self._rows[key] for key in self._unnamed() if key in self._rows))

    @property
    def unnamed_count(self) -> int:
        """How many streams were found that nobody named."""
        return len(self._unnamed())

    async def look(self, keyspace: Keyspace) -> None:
        """Read all named streams, some of the others, and scan a little for more.

        Raises:
            ClientError: the server cannot be asked.
        """
        is_rare = self._is_rare()
        if is_rare:
            self._tells_inactive = _tells_inactive((await keyspace.identity()).version)
        moment = Moment(await keyspace.now_s(), self._clock.monotonic(), self._tells_inactive)
        self.looked = moment
        reader = StreamReader(keyspace, self._spec.server, moment)
        await self._read_named(keyspace, reader)
        self._change()
        if self.discovery.is_due() and not self._is_scanning:
            await self.discovery.go_on(keyspace, _SLICE_S, _SLICE_STEPS, self._change)
        await self._read_unnamed(keyspace, reader)
        if is_rare:
            await self._read_sizes(keyspace)
            self._rarely_at_s = moment.at_s
        self._forget()
        self._change()

    async def read_on(self, keyspace: Keyspace) -> None:
        """Read some of the streams that were found and never read yet, and nothing else.

        Raises:
            ClientError: the server cannot be asked.
        """
        now_s = await keyspace.now_s()
        moment = Moment(now_s, self._clock.monotonic(), self._tells_inactive)
        reader = StreamReader(keyspace, self._spec.server, moment)
        keys = [key for key in self._unnamed() if key not in self._rows]
        await self._read_these(keyspace, reader, keys[:_UNNAMED_AT_ONCE])
        self._change()

    async def meet(self, keyspace: Keyspace, keys: Sequence[KeyName]) -> None:
        """Read these streams, whether a scan has come to them or not; they are rows from now on.

        Raises:
            ClientError: the server cannot be asked.
        """
        self._met |= set(keys)
        now_s = await keyspace.now_s()
        moment = Moment(now_s, self._clock.monotonic(), self._tells_inactive)
        reader = StreamReader(keyspace, self._spec.server, moment)
        named = {one.key for one in self._named}
        await self._read_these(keyspace, reader, [key for key in keys if key not in named])
        self._change()

    async def scan(self, keyspace: Keyspace) -> None:
        """Scan all keys for streams, from the first on.

        Raises:
            ClientError: the server cannot be asked.
        """
        self._is_scanning = True
        try:
            self.discovery.begin()
            await self.discovery.go_on(keyspace, _SCAN_S, _SCAN_STEPS, self._change)
        finally:
            self._is_scanning = False
        self._change()

    async def _read_named(self, keyspace: Keyspace, reader: StreamReader) -> None:
        keys = [one.key for one in self._named]
        found = await keyspace.looks(keys) if keys else ()
        looks = dict(zip(keys, found, strict=True))
        for one in self._named:
            if looks[one.key].kind == "stream":
                row = await self._read(reader, one)
                looks[one.key] = looks[one.key] if row else KeyLook("none", None)
            else:
                row = None
            self._rows[one.key] = row or lacking(self._spec.server, one, looks)

    async def _read_unnamed(self, keyspace: Keyspace, reader: StreamReader) -> None:
        keys = self._unnamed()
        turn = self._turn if self._turn < len(keys) else 0
        self._turn = turn + _UNNAMED_AT_ONCE
        await self._read_these(keyspace, reader, keys[turn : self._turn])

    async def _read_these(
        self, keyspace: Keyspace, reader: StreamReader, keys: Sequence[KeyName]
    ) -> None:
        for key in keys:
            guess = await self._guess(keyspace, key)
            row = await self._read(reader, Named(key, UNNAMED, bool(guess)))
            if row is None:
                self._rows.pop(key, None)
            elif guess:
                unjudged = replace(row, verdict=Verdict.UNKNOWN, reason=clean(""), note=guess)
                self._rows[key] = unjudged
            else:
                self._rows[key] = row

    async def _read(self, reader: StreamReader, named: Named) -> Stream | None:
        """Return a stream's row; None: it is gone, or no stream any more."""
        memory = self._memories.setdefault(named.key, StreamMemory())
        try:
            return await reader.read(
                named.key, named.spec, memory, is_dead_letters=named.is_dead_letters
            )
        except RedisSaid as error:
            problem = problem_of(error)
            if problem is None:
                raise
            if error.code != "NOPERM":
                del self._memories[named.key]
                return None
            return Stream(
                server=self._spec.server,
                key=named.key,
                presence=Presence.BOTH if named.spec.keys else Presence.UNNAMED,
                spec_name=named.spec.name,
                is_dead_letters=named.is_dead_letters,
                reason=clean(f"{problem.word}: {problem.text}; {problem.remedy}"),
                note=clean(named.spec.note),
                service=named.spec.service,
            )

    async def _guess(self, keyspace: Keyspace, key: KeyName) -> SafeText:
        """Return why a stream is taken for dead letters; its newest entry is read once."""
        if key not in self._guesses:
            guess = guess_of(key, None)
            if not guess:
                try:
                    newest = await keyspace.entries(key, None, 1, is_backwards=True)
                except RedisSaid as error:
                    if problem_of(error) is None:
                        raise
                    return guess
                guess = guess_of(key, newest[0] if newest else None)
            self._guesses[key] = guess
        return self._guesses[key]

    async def _read_sizes(self, keyspace: Keyspace) -> None:
        keys = [one.key for one in self.rows() if one.key in self._memories][:_SIZED]
        sizes = await keyspace.memory_bytes(keys) if keys else ()
        for key, size in zip(keys, sizes, strict=True):
            self._memories[key].memory_bytes = size
            self._rows[key] = replace(self._rows[key], memory_bytes=size)

    def _unnamed(self) -> Sequence[KeyName]:
        found = self.discovery.found | self._met
        return sorted(found - {one.key for one in self._named})

    def _is_rare(self) -> bool:
        at_s = self._rarely_at_s
        return at_s is None or self._clock.monotonic() - at_s >= _RARELY_S

    def _forget(self) -> None:
        """Keep nothing of streams that are not there any more."""
        known = {one.key for one in self._named} | self.discovery.found | self._met
        for kept in (self._rows, self._memories, self._guesses):
            for key in [key for key in kept if key not in known]:
                del kept[key]


def _tells_inactive(version: str) -> bool:
    parts = version.split(".")
    numbers = [int(part) for part in parts[:2] if part.isascii() and part.isdigit()]
    return tuple(numbers) >= _TELLS_INACTIVE
