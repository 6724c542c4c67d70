"""Keys and settings of a server, told to change: the port `KeyControl` and its adapter.

Servers are known by the service they are (`shop/redis`), so that no plan holds an address. A call
that changes something sends it once. `ClientTimeout` and `ClientRefused` of such a call mean that
its answer was lost, and perhaps the command too: whoever asked has to look; any other error means
that nothing was done.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from core.clients.acting.redis_call import ASK_S, Talk, Word, follow, listed, raw, talk, whole
from core.clients.acting.redis_key_calls import (
    copies,
    database_of,
    denied,
    if_same,
    kinds,
    now_ms,
    put,
    renamed,
    write_call,
)
from core.clients.acting.redis_key_values import (
    Found,
    KeyCopy,
    KeySight,
    Put,
    Standing,
    Swap,
    Write,
    content_call,
    content_of,
    count_or_none,
    length_call,
    parse_standing,
)
from core.clients.acting.redis_scripts import SWAP
from core.clients.acting.redis_where import moved_to, where
from core.clients.redis import parse_info
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.errors import ClientDenied, ClientRefused
from core.model.redis_key import KeyName
from core.model.text import SafeText, clean

SCAN_COUNT = 500
"""Keys that one SCAN may look at; more of them at once are felt by other clients."""
_SECTIONS = ("server", "clients", "memory", "replication", "persistence", "cluster", "keyspace")
_COPY_S = 60.0


class KeyControl(Protocol):
    """What steps need of servers. Every call raises `ClientError`; `RedisSaid` names its state."""

    async def standing(self, server: str) -> Standing:
        """Return who answers; one that loads is `RedisSaid` LOADING."""
        ...

    async def against(self, server: str, calls: Sequence[Sequence[str]]) -> tuple[SafeText, ...]:
        """Return why our user cannot run these commands, as far as the server tells; none: it can.

        A command that was renamed or switched off is named too.
        """
        ...

    async def sights(
        self, server: str, keys: Sequence[KeyName], database: int | None = None
    ) -> tuple[KeySight, ...]:
        """Return what keys are, in their order."""
        ...

    async def kinds(
        self, server: str, keys: Sequence[KeyName], database: int | None = None
    ) -> tuple[KeySight, ...]:
        """Return their kinds, times to live and sizes alone."""
        ...

    async def scan(
        self,
        server: str,
        match: str,
        limit: int,
        within_s: float,
        database: int | None = None,
        kind: str = "",
    ) -> Found:
        """Look for keys in small slices, no longer and no more than that."""
        ...

    async def copies(
        self, server: str, keys: Sequence[KeyName], database: int | None = None
    ) -> tuple[KeyCopy, ...]:
        """Return copies of those of these keys that are there."""
        ...

    async def unlink(
        self, server: str, run_id: str, keys: Sequence[KeyName], database: int | None = None
    ) -> int:
        """Remove keys; return how many of them were there."""
        ...

    async def unlink_same(self, server: str, run_id: str, copies: Sequence[KeyCopy]) -> int | None:
        """Remove keys that are as they were copied, all or none; None: one is not any more."""
        ...

    async def restore(
        self,
        server: str,
        copies: Sequence[KeyCopy],
        database: int | None = None,
        *,
        is_replacing: bool = False,
    ) -> tuple[Put, ...]:
        """Put keys back with what is left of their time."""
        ...

    async def write(
        self, server: str, run_id: str, same: Sequence[KeyCopy], writes: Sequence[Write]
    ) -> bool:
        """Write all, or nothing where one of `same` is another by now."""
        ...

    async def swap(self, server: str, run_id: str, swaps: Sequence[Swap]) -> bool:
        """Make all of them in one moment, or none where what one replaces is another by now."""
        ...

    async def settings(self, server: str, names: Sequence[str]) -> Mapping[str, SafeText]:
        """Return settings (CONFIG GET); what the server lacks is not in it."""
        ...

    async def configure(self, server: str, run_id: str, name: str, value: str) -> None:
        """Change a setting (CONFIG SET), until the server's next start."""
        ...

    async def rewrite(self, server: str, run_id: str) -> None:
        """Have the server write its settings into its file."""
        ...

    async def flush(self, server: str, run_id: str, database: int) -> None:
        """Remove every key of one database (FLUSHDB ASYNC)."""
        ...


class RedisKeys:
    """The servers of a configuration, each asked over a connection of its own for every call."""

    def __init__(self, addresses: Mapping[str, RedisAddress]) -> None:
        """Take the addresses by `system/service`; connect nowhere yet."""
        self._addresses = addresses

    async def standing(self, server: str) -> Standing:
        """Return who answers, and how it stands."""
        async with talk(self._addresses, server) as one:
            return await self._standing(one, server)

    async def _standing(self, one: Talk, server: str) -> Standing:
        info: dict[str, SafeText] = {}
        *answers, now = await one.all([*(("INFO", name) for name in _SECTIONS), ("TIME",)])
        for answer in answers:
            info |= parse_info(raw(answer))
        return parse_standing(info, database_of(self._addresses[server]), listed(now))

    async def against(self, server: str, calls: Sequence[Sequence[str]]) -> tuple[SafeText, ...]:
        """Return why our user cannot run these commands."""
        async with talk(self._addresses, server) as one:
            known, me = await one.all(
                [("COMMAND", "INFO", *(words[0] for words in calls)), ("ACL", "WHOAMI")]
            )
            may = await one.all([("ACL", "DRYRUN", me, *words) for words in calls]) if isinstance(
                me, bytes
            ) else []  # fmt: skip
        there = [] if isinstance(known, RedisSaid) else listed(known)
        return (*renamed(calls, there), *denied(calls, may))

    async def sights(
        self, server: str, keys: Sequence[KeyName], database: int | None = None
    ) -> tuple[KeySight, ...]:
        """Return what keys are."""
        async with follow(self._addresses, server, database=database) as one:
            found = await kinds(one, keys)
            lengths = await one.all([length_call(sight.kind, sight.key.raw) for sight in found])
            found = [
                replace(sight, length=count_or_none(length)) if sight.is_there else sight
                for sight, length in zip(found, lengths, strict=True)
            ]
            calls = [call for sight in found if (call := content_call(sight))]
            contents = iter(await one.all(calls))
        return tuple(
            replace(sight, content=content_of(sight.kind, next(contents)))
            if content_call(sight)
            else sight
            for sight in found
        )

    async def kinds(
        self, server: str, keys: Sequence[KeyName], database: int | None = None
    ) -> tuple[KeySight, ...]:
        """Return their kinds, times to live and sizes."""
        async with follow(self._addresses, server, database=database) as one:
            return tuple(await kinds(one, keys))

    async def scan(
        self,
        server: str,
        match: str,
        limit: int,
        within_s: float,
        database: int | None = None,
        kind: str = "",
    ) -> Found:
        """Look for keys in small slices."""
        found: dict[KeyName, None] = {}
        slices, is_whole = 0, True
        words = ("MATCH", match, "COUNT", SCAN_COUNT, *(("TYPE", kind) if kind else ()))
        # Not by cancelling: what waits for a socket may swallow that (asyncio.wait_for did).
        is_late = asyncio.Event()
        alarm = asyncio.get_running_loop().call_later(within_s, is_late.set)
        for node in await self._nodes(server):
            cursor, is_begun = b"0", False
            async with talk({server: node}, server, within_s + ASK_S, database) as one:
                while not (is_begun and cursor == b"0"):
                    if is_late.is_set() or len(found) > limit:
                        break
                    answer = listed(await one.ask("SCAN", cursor, *words))
                    cursor, is_begun = raw(answer[0]), True
                    found |= dict.fromkeys(KeyName(raw(key)) for key in listed(answer[1]))
                    slices += 1
            is_whole = is_whole and is_begun and cursor == b"0"
        alarm.cancel()
        keys = tuple(found)[:limit]
        return Found(keys, is_whole and len(found) <= limit, slices * SCAN_COUNT)

    async def _nodes(self, server: str) -> list[RedisAddress]:
        """Return every master of a cluster; of any other server, itself."""
        async with talk(self._addresses, server) as one:
            [slots] = await one.all([("CLUSTER", "SLOTS")])
        here = await where(self._addresses[server])
        if isinstance(slots, RedisSaid):
            return [here]
        masters = [listed(listed(row)[2]) for row in listed(slots)]
        places = {b"%s:%d" % (raw(one[0]), whole(one[1])): None for one in masters}
        return [moved_to(here, place.decode("ascii", "replace")) for place in places] or [here]

    async def copies(
        self, server: str, keys: Sequence[KeyName], database: int | None = None
    ) -> tuple[KeyCopy, ...]:
        """Return copies of those that are there."""
        async with follow(self._addresses, server, _COPY_S, database) as one:
            return await copies(one, keys)

    async def unlink(
        self, server: str, run_id: str, keys: Sequence[KeyName], database: int | None = None
    ) -> int:
        """Remove keys."""
        async with talk(self._addresses, server, database=database) as one:
            await self._guard(one, server, run_id)
            try:
                return whole(await one.ask("UNLINK", *(key.raw for key in keys)))
            except RedisSaid as error:
                if error.code not in {"CROSSSLOT", "MOVED"}:
                    raise
        return await self._unlink_apart(server, keys)

    async def _unlink_apart(self, server: str, keys: Sequence[KeyName]) -> int:
        """Remove keys that lie on several nodes, each by itself."""
        async with follow(self._addresses, server) as one:
            answers = await one.all([("UNLINK", key.raw) for key in keys])
        refused = [answer for answer in answers if isinstance(answer, RedisSaid)]
        if len(refused) == len(keys):
            raise refused[0]
        if refused:
            # What was asked for is partly done: whoever asked has to look.
            raise ClientRefused(f"{len(refused)} of {len(keys)} keys: {refused[0]}")
        return sum(whole(answer) for answer in answers)

    async def unlink_same(self, server: str, run_id: str, copies: Sequence[KeyCopy]) -> int | None:
        """Remove keys that are as they were copied."""
        keys = tuple(one.key.raw for one in copies)
        answers = await self._if_same(server, run_id, copies, [("UNLINK", *keys)])
        return None if answers is None else whole(answers[0])

    async def _if_same(
        self,
        server: str,
        run_id: str,
        same: Sequence[KeyCopy],
        calls: Sequence[tuple[Word, ...]],
    ) -> list[object] | None:
        """Do all of it in one moment, at the node that has the keys; see `if_same`."""
        try:
            async with talk(self._addresses, server) as one:
                await self._guard(one, server, run_id)
                return await if_same(one, same, calls)
        except RedisSaid as error:
            if error.code != "MOVED":
                raise
            # It says where the keys are, and has done nothing.
            there = moved_to(await where(self._addresses[server]), str(error))
        async with talk({server: there}, server) as one:
            return await if_same(one, same, calls)

    async def restore(
        self,
        server: str,
        copies: Sequence[KeyCopy],
        database: int | None = None,
        *,
        is_replacing: bool = False,
    ) -> tuple[Put, ...]:
        """Put keys back."""
        async with follow(self._addresses, server, _COPY_S, database) as one:
            asked_ms = await now_ms(one)
            fresh = [copy for copy in copies if (copy.expires_at_ms or asked_ms + 1) > asked_ms]
            more = ("REPLACE",) if is_replacing else ()
            answers = await one.all(
                [
                    ("RESTORE", copy.key.raw, copy.expires_at_ms or 0, copy.data, "ABSTTL", *more)
                    for copy in fresh
                ]
            )
        came = {copy.key: put(answer) for copy, answer in zip(fresh, answers, strict=True)}
        return tuple(came.get(copy.key, Put.EXPIRED) for copy in copies)

    async def write(
        self, server: str, run_id: str, same: Sequence[KeyCopy], writes: Sequence[Write]
    ) -> bool:
        """Write all, or nothing."""
        calls = [write_call(write) for write in writes]
        answers = await self._if_same(server, run_id, same, calls)
        for answer in answers or ():
            if isinstance(answer, RedisSaid):
                raise answer
        return answers is not None

    async def swap(self, server: str, run_id: str, swaps: Sequence[Swap]) -> bool:
        """Make all of them, or none."""
        keys = tuple(dict.fromkeys(one.key for one in swaps))
        words = [word for one in swaps for word in one.words(keys)]
        call = ("EVAL", SWAP, len(keys), *(key.raw for key in keys), *words)
        try:
            async with talk(self._addresses, server) as one:
                await self._guard(one, server, run_id)
                answer = await one.ask(*call)
        except RedisSaid as error:
            if error.code != "MOVED":
                raise
            there = moved_to(await where(self._addresses[server]), str(error))
            async with talk({server: there}, server) as one:
                answer = await one.ask(*call)
        return raw(listed(answer)[0]) == b"done"

    async def settings(self, server: str, names: Sequence[str]) -> Mapping[str, SafeText]:
        """Return settings."""
        async with talk(self._addresses, server) as one:
            answers = await one.all([("CONFIG", "GET", name) for name in names])
        pairs = [[raw(word) for word in listed(answer)[:2]] for answer in answers]
        return {
            name: clean(pair[1])
            for name, pair in zip(names, pairs, strict=True)
            if len(pair) == 2 and pair[0].decode("utf-8", "replace") == name
        }

    async def configure(self, server: str, run_id: str, name: str, value: str) -> None:
        """Change a setting."""
        async with talk(self._addresses, server) as one:
            await self._guard(one, server, run_id)
            await one.ask("CONFIG", "SET", name, value)

    async def rewrite(self, server: str, run_id: str) -> None:
        """Have the server write its file."""
        async with talk(self._addresses, server) as one:
            await self._guard(one, server, run_id)
            await one.ask("CONFIG", "REWRITE")

    async def flush(self, server: str, run_id: str, database: int) -> None:
        """Remove every key of one database."""
        async with talk(self._addresses, server, database=database) as one:
            await self._guard(one, server, run_id)
            await one.ask("FLUSHDB", "ASYNC")

    async def _guard(self, one: Talk, server: str, run_id: str) -> None:
        """Refuse another run of a server, or one that is no master any more."""
        now = await self._standing(one, server)
        if now.run_id != run_id:
            raise ClientDenied(f"another run of it answers than was planned with: {now.run_id}")
        if now.role != "master":
            raise ClientDenied(f"it is no master any more: {now.role}")
