"""What is known of one server's circuit breakers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.clients.clock import Clock
from core.clients.keyspace.port import KeyContent, Keyspace
from core.model.circuit import Circuit, Circuits
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec
from core.model.redis_view import RedisWish
from core.redis.aging import aged_by
from core.redis.circuits.gathering import circuits_of
from core.redis.circuits.history import History
from core.redis.circuits.parts import guesses, siblings
from core.redis.circuits.shapes import KNOWN_PATTERNS
from core.redis.globs import is_pattern
from core.redis.server_time import ServerTime
from core.redis.sweep import Sweep

LOOK_S = 0.4
"""So long a look may walk over keys, so that the other topics get their turn."""
_READ_AT_ONCE = 50
"""Keys read at one look; the others have their turn at the next."""
_MOST_KEYS = 2000
_SIBLINGS_EVERY = 5
"""Looks. Parts of a record come and go with its state; most of their names are not in use."""
_REST_S = 10.0
_REST_TIMES = 10.0
"""A walk that took long is followed by a rest of so many times that."""


@dataclass(frozen=True, slots=True)
class _Read:
    content: KeyContent
    at_s: float
    """By the server's clock."""


class CircuitsBook:
    """Reads what is known to be a breaker at each look, and walks over all keys for others.

    Args:
        spec: The server, and the breakers that are configured.
        clock: Time.
        tell: Called when `view` was replaced during long work; there is none here.
    """

    def __init__(self, spec: RedisSpec, clock: Clock, tell: Callable[[], None]) -> None:
        self._spec, self._clock = spec, clock
        self._patterns = tuple(
            dict.fromkeys((*(key for one in spec.circuits for key in one.keys), *KNOWN_PATTERNS))
        )
        self._time = ServerTime(clock)
        self._reads: dict[KeyName, _Read] = {}
        self._walked: list[KeyName] = []
        """Found by the walk, not read yet."""
        self._sweep: Sweep | None = None
        self._is_walked = False
        """Whether every key was come by at least once: until then nothing is absent."""
        self._rest_until_s = 0.0
        self._looks = self._turn = 0
        self._history = History()
        self._view = Circuits(spec.server, ())

    @property
    def view(self) -> Circuits:
        """What is known now."""
        return self._view

    async def look(self, keyspace: Keyspace) -> None:
        """Read what is known, and what is likely; walk on for a while."""
        await self._time.ask(keyspace)
        if self._looks % _SIBLINGS_EVERY == 0:
            await self._read(keyspace, self._likely())
        else:
            await self._read(keyspace, self._due())
        self._looks += 1
        states = {row.name: row.state for row in self._view.rows}
        await self._walk(keyspace, self._clock.monotonic() + LOOK_S)
        self._publish()
        if any(states.get(row.name, row.state) is not row.state for row in self._view.rows):
            await self._read(keyspace, self._likely())
            self._publish()

    async def carry_out(self, keyspace: Keyspace, wish: RedisWish) -> None:
        """Nothing is wished of it that a look would not do."""

    async def walk_all(self, keyspace: Keyspace) -> None:
        """Come by every key, however long that takes."""
        await self._time.ask(keyspace)
        await self._read(keyspace, self._likely())
        await self._walk(keyspace, None)
        self._publish()

    def _likely(self) -> tuple[KeyName, ...]:
        """Return keys that are there, or may well be: named ones, likely ones, parts of records."""
        named = [
            KeyName.read(key)
            for one in self._spec.circuits
            for key in one.keys
            if not is_pattern(key)
        ]
        for one in self._spec.circuits:
            names = (one.upstream, one.service, one.name)
            short = [name.partition("/")[2] or name for name in names]
            named += guesses(one.keys, short)
        known = self._due()
        parts = [part for key in (*known, *named) for part in siblings(key.raw)]
        return tuple(dict.fromkeys((*known, *named, *parts)))

    def _due(self) -> tuple[KeyName, ...]:
        """Return the known keys that are read at this look."""
        keys = list(self._reads)
        if len(keys) <= _READ_AT_ONCE:
            return tuple(keys)
        at = self._turn % len(keys)
        self._turn = at + _READ_AT_ONCE
        return tuple(keys[at : at + _READ_AT_ONCE])

    async def _read(self, keyspace: Keyspace, keys: tuple[KeyName, ...]) -> None:
        for at in range(0, len(keys), _READ_AT_ONCE):
            chunk = keys[at : at + _READ_AT_ONCE]
            for content in await keyspace.contents(chunk):
                if content.look.kind == "none":
                    self._reads.pop(content.key, None)
                elif content.key in self._reads or len(self._reads) < _MOST_KEYS:
                    self._reads[content.key] = _Read(content, self._time.now_s)

    async def _walk(self, keyspace: Keyspace, until_s: float | None) -> None:
        """Walk on until a moment, or to the end; read what is found and not known."""
        while until_s is None or self._clock.monotonic() < until_s:
            if self._sweep is None:
                if until_s is not None and self._clock.monotonic() < self._rest_until_s:
                    return
                self._sweep = Sweep(self._patterns, self._clock)
            found = await self._sweep.step(keyspace)
            new = [key for key in found if key not in self._reads]
            parts = [part for key in new for part in siblings(key.raw)]
            await self._read(keyspace, tuple(dict.fromkeys((*new, *parts))))
            if self._sweep.is_done:
                rest_s = max(_REST_S, _REST_TIMES * self._sweep.elapsed_s)
                self._rest_until_s = self._clock.monotonic() + rest_s
                self._sweep, self._is_walked = None, True
                return

    def _publish(self) -> None:
        now_s = self._time.now_s
        contents = [aged_by(now_s - one.at_s, one.content) for one in self._reads.values()]
        view = circuits_of(
            contents, self._spec, now_s, before=self._view.rows, is_walked=self._is_walked
        )
        self._history.note(view.rows, now_s)
        rows = tuple(self._with_history(row) for row in view.rows)
        self._view = replace(view, rows=rows)

    def _with_history(self, row: Circuit) -> Circuit:
        history = self._history.of(row)
        return replace(row, history=history) if history else row
