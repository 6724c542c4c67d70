"""Locks between hosts, in a Redis that the configuration names for it. Advisory.

A Redis that does not answer stops nobody: the action says that it has no such lock and goes on,
since it may be what brings that Redis back. A lock that was taken and is lost stops the action
before the next step that has no way back; what can be undone goes on.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from core.clients.acting.redis_lock import LockServers
from core.clients.clock import Clock
from core.errors import ActionError, ClientError
from core.model.action import Grade, Plan, Preflight
from core.model.text import SafeText, clean

LIVES_S = 30.0
"""A lock that nobody keeps alive lapses after so long."""
BEAT_S = 5.0
_TOKEN_BYTES = 16
_PREFIX = "quarterdeck:lock"


class HostLocks:
    """The locks between hosts of one executor, from `take` until `release`.

    Args:
        servers: Where locks can be kept.
        server: Which of them keeps these, `system/service`.
        plan: Whose targets they are.
        holder: Who holds them, for display; `host` and `action` tell our own again.
        clock: Says when to keep them alive, and since when nobody answers.
        say: Is told what a person should know.
    """

    def __init__(
        self,
        servers: LockServers,
        server: str,
        plan: Plan,
        holder: Mapping[str, object],
        clock: Clock,
        say: Callable[[SafeText], None],
        *,
        lives_s: float = LIVES_S,
        beat_s: float = BEAT_S,
    ) -> None:
        self._servers = servers
        self._server = server
        self._plan = plan
        self._clock = clock
        self._say = say
        self._lives_s = lives_s
        self._beat_s = beat_s
        self._own = {"host": str(holder.get("host", "")), "action": str(holder.get("action", ""))}
        words = {**holder, "token": secrets.token_hex(_TOKEN_BYTES)}
        self._value = json.dumps(words, sort_keys=True).encode()
        self._held: list[str] = []
        self._kept_s = 0.0
        self._beating: asyncio.Future[None] | None = None
        self.lost = ""
        """Why they are not ours any more; empty: they are, or were never taken."""

    async def take(self) -> None:
        """Take them all, or none where the server does not answer, and keep them alive.

        Raises:
            ActionError: somebody holds one from another host; the text says who and since when.
        """
        if self._plan.request.target == self._server:
            self._tell("its own target would keep it")
            return
        self._kept_s = self._clock.monotonic()
        for name in sorted(set(self._plan.locks)):
            key = key_of(self._plan.system, name)
            self._held.append(key)  # an answer that is lost does not tell whether it was taken
            try:
                found = await self._taken(key)
            except ClientError as error:
                await self.release()
                self._tell(str(error))
                return
            if found is not None:
                await self.release()
                raise ActionError(f"{clean(name)} is held from another host: {_words(found)}")
        # `release` awaits it: whoever takes gives back, whatever comes in between.
        self._beating = asyncio.ensure_future(self._keep_alive())

    async def _taken(self, key: str) -> bytes | None:
        """Take one; return the value of who has it. What our own dead executor left is ours."""
        lives_ms = round(self._lives_s * 1000)
        found = await self._servers.take(self._server, key, self._value, lives_ms)
        if found is None or not self._is_own(found):
            return found
        is_ours = await self._servers.take_over(self._server, key, found, self._value, lives_ms)
        return None if is_ours else found

    def _is_own(self, found: bytes) -> bool:
        words = _document(found)
        return bool(self._own["action"]) and all(
            words.get(name) == value for name, value in self._own.items()
        )

    async def look(self) -> str:
        """Keep them alive now; return why they are lost, or nothing."""
        for key in () if self.lost else self._held:
            try:
                is_ours = await self._servers.keep(
                    self._server, key, self._value, round(self._lives_s * 1000)
                )
            except ClientError as error:
                silent_s = self._clock.monotonic() - self._kept_s
                if silent_s >= self._lives_s:
                    self._lose(f"{self._server} has not answered for {silent_s:.0f} s: {error}")
                return self.lost
            if not is_ours:
                self._lose(f"it lapsed, was dropped or taken in {self._server}")
                return self.lost
        self._kept_s = self._clock.monotonic()
        return self.lost

    async def release(self) -> None:
        """Give back what is still ours; what cannot be given back lapses by itself."""
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating
            self._beating = None
        held, self._held = self._held, []
        for key in held:
            with suppress(ClientError):
                await self._servers.give_back(self._server, key, self._value)

    async def _keep_alive(self) -> None:
        while not self.lost:
            await self._clock.sleep(self._beat_s)
            await self.look()

    def _lose(self, why: str) -> None:
        self.lost = f"the lock between hosts is lost: {clean(why)}"
        self._say(clean(f"{self.lost}; before a step without a way back this ends"))

    def _tell(self, why: str) -> None:
        text = f"no lock between hosts in {self._server}: {why}; only this host's own lock holds"
        self._say(clean(text))


async def look_between_hosts(
    servers: LockServers, server: str, plan: Plan
) -> tuple[Preflight, ...]:
    """Return what a plan should say of its locks between hosts; nothing is taken."""
    if plan.request.target == server:
        return ()
    try:
        for name in sorted(set(plan.locks)):
            found = await servers.holder(server, key_of(plan.system, name))
            if found is not None:
                said = f"{clean(name)} is held from another host: {_words(found)}"
                return (Preflight("holder", Grade.STOP, clean(said)),)
    except ClientError as error:
        said = clean(f"{server}: {error}; it goes on without")
        return (Preflight("lock between hosts", Grade.WARN, said),)
    return (Preflight("lock between hosts", Grade.PASS, clean(f"a key in {server}, as asked for")),)


def key_of(system: str, name: str) -> str:
    """Return the key of a target's lock. Equal names of a system are one target on all hosts."""
    return f"{_PREFIX}:{system}:{name}"


def _document(value: bytes) -> dict[str, Any]:
    try:
        words: object = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", words) if isinstance(words, dict) else {}


def _words(value: bytes) -> SafeText:
    words = _document(value)
    try:
        return clean(
            f"{words['actor']} on {words['host']} runs {words['title']} ({words['action']}) since "
            f"{words['since']}",
            400,
        )
    except KeyError:
        return SafeText("by something that does not say who it is")
