"""The book of a server itself: what it says of itself, its slow log, its keys by family."""

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from types import MappingProxyType

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.clients.redis_errors import RedisSaid
from core.model.redis_key import KeyName
from core.model.redis_server import (
    Census,
    LatencyWindow,
    ServerIdentity,
    ServerView,
    SlowCommand,
    Tokens,
)
from core.model.redis_spec import RedisSpec
from core.model.redis_view import RedisWish, SampleLatency, Scan
from core.model.text import EMPTY, SafeText, clean
from core.redis.server.census import CensusScan
from core.redis.server.families import Tally, purposes_of
from core.redis.server.figures import Info, figures_of, sample_of
from core.redis.server.findings import Seen, findings_of
from core.redis.server.latency import MOST_WINDOWS, sample_windows
from core.redis.server.slow import slow_commands
from core.redis.server.tokens import TokenScan, shown_key

SAMPLES_KEPT = 360
"""Looks: half an hour at one every five seconds."""
SLOW_LINES = 32
SETTINGS = ("save", "stop-writes-on-bgsave-error", "slowlog-log-slower-than")
_SETTINGS_EVERY = 12
"""Looks: what only a person changes is asked for less often."""
_QUICK_SLICES = 4
_QUICK_LOOKS = 20
"""For the first look: enough to show something, too little to be felt."""
_QUICK_EVERY_S = 60.0
_CENSUS_LOOKS = 500
_TOKEN_LOOKS = 1000
_TELL_EVERY = 4
"""Slices: a person sees no more of them anyway, and each telling orders all families."""
_STOPPED = SafeText("stopped")
_QUICK_END = SafeText("a first look; the whole is counted when asked for")


class ServerBook:
    """What is known of one server."""

    def __init__(self, spec: RedisSpec, clock: Clock, tell: Callable[[], None]) -> None:
        """Know nothing yet; `tell` is called as more becomes known."""
        self._spec, self._clock, self._tell = spec, clock, tell
        self._purposes = purposes_of(spec)
        self._tokens_by_name = Tally(tuple(one for one in self._purposes if one.is_token))
        self._view = ServerView(spec.server)
        self._looks = 0
        self._may_write: bool | None = None
        self._quick_at_s: float | None = None
        self._is_whole: set[str] = set()
        """What a person had counted: no first look takes its place."""
        self._refused: dict[str, str] = {}
        """Commands that our user may not run, and what was said."""
        self._latency: list[tuple[float, LatencyWindow]] = []

    @property
    def view(self) -> ServerView:
        """What is known now."""
        return self._view

    async def look(self, keyspace: Keyspace) -> None:
        """Look again; the first time, and then once a minute, at a few keys as well.

        Raises:
            ClientError: the server cannot be asked.
        """
        identity = await keyspace.identity()
        if self._view.identity is not None and self._view.identity.run_id != identity.run_id:
            self._forget()
        info, keys = await self._info(keyspace)
        settings = self._view.settings
        if self._looks % _SETTINGS_EVERY == 0:
            settings = await self._settings(keyspace)
            self._may_write = await keyspace.may("SET", "quarterdeck", "1")
        slow = await self._slow(keyspace, identity)
        self._looks += 1
        figures = figures_of(info) if info else None
        now_s = self._clock.monotonic()
        newest = (sample_of(figures, now_s),) if figures else ()
        self._view = replace(
            self._view,
            identity=identity,
            load=keyspace.load,
            info=info,
            figures=figures,
            keys=keys,
            history=(*self._view.history, *newest)[-SAMPLES_KEPT:],
            slow=slow,
            latency=self._windows(),
            settings=settings,
            looked_at_s=now_s,
        )
        self._judge()
        self._tell()
        if self._quick_at_s is None or now_s - self._quick_at_s >= _QUICK_EVERY_S:
            await self._look_at_keys(keyspace)
            self._quick_at_s = self._clock.monotonic()

    async def carry_out(self, keyspace: Keyspace, wish: RedisWish) -> None:
        """Count keys, find tokens or ping, telling often.

        Raises:
            ClientError: the server cannot be asked.
        """
        match wish:
            case Scan(what="census"):
                await self._count(keyspace)
            case Scan(what="tokens"):
                await self._find_tokens(keyspace)
            case SampleLatency(windows=windows, window_s=window_s):
                await self._ping(keyspace, windows, window_s)
            case _:
                pass

    def _forget(self) -> None:
        """Another server answers, or the same one began anew: its past is not this one's."""
        self._view = ServerView(self._spec.server)
        self._looks, self._may_write, self._quick_at_s = 0, None, None
        self._is_whole.clear()
        self._refused.clear()
        self._latency.clear()

    async def _info(self, keyspace: Keyspace) -> tuple[Info, int | None]:
        with self._noting("INFO"):
            return await keyspace.info()
        return MappingProxyType({}), None

    async def _settings(self, keyspace: Keyspace) -> Mapping[str, SafeText]:
        with self._noting("CONFIG GET"):
            return await keyspace.settings(SETTINGS)
        return MappingProxyType({})

    async def _slow(
        self, keyspace: Keyspace, identity: ServerIdentity
    ) -> tuple[SlowCommand, ...] | None:
        with self._noting("SLOWLOG GET"):
            lines = await keyspace.slow(SLOW_LINES)
            return slow_commands(lines, identity.now_s, self._shown_key)
        return None

    @contextmanager
    def _noting(self, command: str) -> Generator[None]:
        """Note that a command is refused to us; every other answer is the server's trouble."""
        try:
            yield
        except RedisSaid as error:
            if error.code not in {"NOPERM", "ERR"}:
                raise
            self._refused[command] = "not allowed" if error.code == "NOPERM" else str(error)
        else:
            self._refused.pop(command, None)

    def _shown_key(self, key: KeyName) -> SafeText:
        return shown_key(key, is_token=self._tokens_by_name.purpose_of(key.raw) is not None)

    async def _look_at_keys(self, keyspace: Keyspace) -> None:
        """Count the first slices of the keys, so that families are shown at once."""
        with self._noting("SCAN"):
            await self._quick_census(keyspace)
            await self._quick_tokens(keyspace)
        self._judge()
        self._tell()

    async def _quick_census(self, keyspace: Keyspace) -> None:
        scan = self._census_scan(_QUICK_LOOKS)
        for _ in range(_QUICK_SLICES):
            if "census" not in self._is_whole and not scan.is_done:
                await scan.step(keyspace)
        if "census" not in self._is_whole:
            self._view = replace(self._view, census=scan.view(_QUICK_END))

    async def _quick_tokens(self, keyspace: Keyspace) -> None:
        scan = TokenScan(self._spec, self._view.keys, _QUICK_LOOKS, self._clock)
        for _ in range(_QUICK_SLICES):
            if "tokens" not in self._is_whole:
                await scan.step(keyspace)
        if "tokens" not in self._is_whole:
            self._view = replace(self._view, tokens=scan.view(_QUICK_END))

    def _census_scan(self, looks: int) -> CensusScan:
        return CensusScan(self._purposes, self._view.keys or 0, looks, self._clock)

    async def _count(self, keyspace: Keyspace) -> None:
        self._view = replace(self._view, busy=SafeText("counting keys"))
        self._tell()
        self._is_whole.add("census")
        scan = self._census_scan(_CENSUS_LOOKS)

        def show(stopped: SafeText) -> tuple[Census, Tokens | None]:
            return scan.view(stopped), self._view.tokens

        await self._scan_through(keyspace, scan, show)

    async def _find_tokens(self, keyspace: Keyspace) -> None:
        self._view = replace(self._view, busy=SafeText("looking for tokens"))
        self._tell()
        self._is_whole.add("tokens")
        scan = TokenScan(self._spec, self._view.keys, _TOKEN_LOOKS, self._clock)

        def show(stopped: SafeText) -> tuple[Census | None, Tokens]:
            return self._view.census, scan.view(stopped)

        await self._scan_through(keyspace, scan, show)

    async def _scan_through(
        self,
        keyspace: Keyspace,
        scan: CensusScan | TokenScan,
        show: Callable[[SafeText], tuple[Census | None, Tokens | None]],
    ) -> None:
        """Take slice after slice to the end; a person who stops it keeps what was counted."""
        ended = EMPTY
        try:
            for number in count(1):
                if scan.is_done:
                    break
                await scan.step(keyspace)
                if number % _TELL_EVERY == 0:
                    census, tokens = show(EMPTY)
                    self._view = replace(self._view, census=census, tokens=tokens)
                    self._tell()
                # Looks, and what else waits for the loop, come between two slices.
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            ended = _STOPPED
            raise
        except RedisSaid as error:
            ended = clean(str(error))
            raise
        finally:
            census, tokens = show(ended)
            self._view = replace(self._view, census=census, tokens=tokens, busy=EMPTY)
            self._judge()
            self._tell()

    async def _ping(self, keyspace: Keyspace, windows: int, window_s: float) -> None:
        self._view = replace(self._view, busy=SafeText("sampling latency"))
        self._tell()
        try:
            async for window in sample_windows(keyspace, self._clock, windows, window_s):
                self._latency.append((self._clock.monotonic(), window))
                del self._latency[:-MOST_WINDOWS]
                self._view = replace(self._view, latency=self._windows())
                self._tell()
        finally:
            self._view = replace(self._view, busy=EMPTY)
            self._tell()

    def _windows(self) -> tuple[LatencyWindow, ...]:
        now_s = self._clock.monotonic()
        return tuple(replace(one, age_s=now_s - at_s) for at_s, one in self._latency)

    def _judge(self) -> None:
        """Draw findings anew from what is known."""
        view = self._view
        found = findings_of(
            Seen(
                spec=self._spec,
                figures=view.figures or figures_of({}),
                history=view.history,
                identity=view.identity,
                settings=view.settings,
                tokens=view.tokens,
                may_write=self._may_write,
            )
        )
        self._view = replace(
            view,
            findings=(*found.failing, *found.warnings),
            failing=len(found.failing),
            notes=found.notes,
            refused=clean("; ".join(f"{what}: {why}" for what, why in self._refused.items())),
        )
