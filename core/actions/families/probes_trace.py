"""What a breaker's record says while somebody asks on purpose: each change and when it came."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from core.actions.families.circuit_steps import Legend, read_breaker
from core.actions.families.redis_key_copies import keys_of
from core.actions.ports import Ports
from core.actions.verdicts.judged import Judged
from core.actions.work import Work
from core.errors import ActionError, ClientError, ConsoleError
from core.model.text import clean

_LOOK_EVERY_S = 0.5
_SCAN_S = 0.3
_MOST = 40
"""Changes that are kept; more of them are a flutter."""


class StateTrace:
    """Follows one breaker's record."""

    def __init__(
        self,
        ports: Ports,
        work: Work,
        server: str,
        keys: tuple[str, ...],
        patterns: tuple[str, ...] = (),
        legend: Legend = (),
    ) -> None:
        """Take where its record is; while there is none, the patterns are looked through too."""
        self._ports = ports
        self._work = work
        self._server = server
        self._keys = keys
        self._patterns = patterns
        self._legend = legend
        self._is_over = False
        self.changes: list[tuple[float, str]] = []

    @asynccontextmanager
    async def following(self) -> AsyncGenerator[None]:
        """Follow it meanwhile; nothing is asked where no record is known."""
        if not self._keys:
            yield
            return
        problem: ConsoleError | None = None
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            try:
                yield
            except (ActionError, ClientError) as error:
                problem = error  # not through the group, which would wrap it up
            finally:
                self._is_over = True
        if problem is not None:
            raise problem

    async def _follow(self) -> None:
        clock = self._ports.clock
        began_s = clock.monotonic()
        while True:
            is_last = self._is_over
            state = await self._state()
            if not self.changes or self.changes[-1][1] != state:
                after_s = clock.monotonic() - began_s
                self.changes.append((after_s, state))
                del self.changes[_MOST:]
                self._work.say(clean(f"{after_s:.1f} s: its record says {state}"))
            if is_last:
                return
            await clock.sleep(_LOOK_EVERY_S)

    async def _state(self) -> str:
        try:
            found = await read_breaker(self._ports, self._server, self._keys, self._legend)
            if found is None and await self._has_appeared():
                found = await read_breaker(self._ports, self._server, self._keys, self._legend)
        except (ClientError, ActionError) as error:
            return f"nothing that can be read ({error})"
        return "absent" if found is None else str(found.shown_state)

    async def _has_appeared(self) -> bool:
        """Look, for a moment, whether a record is there under one of the patterns."""
        for one in self._patterns:
            found = await keys_of(self._ports).scan(self._server, one, _MOST, _SCAN_S)
            if found.keys:
                self._keys = tuple(key.spelled for key in found.keys)
                return True
        return False

    def joined(self, judged: Judged) -> Judged:
        """Return a verdict with the trace among its facts."""
        if not self.changes:
            return judged
        told = clean(", ".join(f"{at_s:.1f} s {state}" for at_s, state in self.changes), 1000)
        text = clean(f"{judged.text}; in Redis: {told}")
        facts = (*judged.facts, ("redis_trace", told))
        return Judged(judged.is_good, text, facts, judged.is_absent)
