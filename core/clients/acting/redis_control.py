"""A Redis-compatible server, told to save itself: the port `RedisControl` and its adapter.

Servers are known by the service they are (`shop/redis`), so that no plan holds an address.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.clients.acting.redis_call import Word, listed, raw, talk, whole
from core.clients.redis import parse_info
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.errors import ClientGarbled
from core.model.text import EMPTY, SafeText, clean

_SECTIONS = ("server", "memory", "replication", "persistence", "keyspace")
_IN_THE_WAY = ("in progress", "child process is active")
"""What BGSAVE answers while something else saves."""
_CHILDREN = ("aof_rewrite_in_progress", "module_fork_in_progress")
_DATABASE = re.compile("db[0-9]+")
_KEYS = re.compile("keys=([0-9]+)")


@dataclass(frozen=True, slots=True)
class RedisState:
    """What a server says of itself and its snapshots, all in one moment."""

    run_id: SafeText
    """Another one after each start."""
    version: SafeText
    role: SafeText
    """`master` or `slave`."""
    is_cut_off: bool
    """It is a replica whose master does not answer, or which has not got all of it yet."""
    now_s: int
    """By its own clock, seconds since 1970."""
    last_save_s: int
    """LASTSAVE, by the same clock."""
    is_saving: bool
    is_forked: bool
    """Another child of it works, so that no save can begin."""
    is_last_save_ok: bool
    used_bytes: int
    keys: int = 0
    """In all databases."""
    loaded_keys: int | None = None
    """That it read from its disk when it started, also those that had expired; None: it does not
    say (before 7)."""

    @property
    def is_idle(self) -> bool:
        """Whether a save could begin, and its end could be told: LASTSAVE counts in seconds."""
        return not (self.is_saving or self.is_forked) and self.now_s != self.last_save_s


@dataclass(frozen=True, slots=True)
class SaveBegun:
    """A save that begins, of what the server held at that moment."""

    keys: int | None
    """In all databases; None: not known, somebody wrote meanwhile."""


class RedisControl(Protocol):
    """What steps need of servers. Every call raises `ClientError`; `RedisSaid` names its state."""

    async def state(self, server: str) -> RedisState:
        """Return how a server and its snapshots are; one that loads is `RedisSaid` LOADING."""
        ...

    async def begin_save(self, server: str) -> SaveBegun | None:
        """Send BGSAVE, once. None: another child of the server works."""
        ...

    async def snapshot_path(self, server: str) -> str:
        """Return where the server writes its snapshot, as it sees its own disk."""
        ...

    async def setting(self, server: str, name: str) -> SafeText:
        """Return a setting (CONFIG GET); empty: it has none of this name."""
        ...

    async def may_save(self, server: str) -> bool | None:
        """Return whether our user may run BGSAVE; None: the server cannot tell (before 7)."""
        ...


class RedisServers:
    """The servers of a configuration, each asked over a connection of its own for every call."""

    def __init__(self, addresses: Mapping[str, RedisAddress]) -> None:
        """Take the addresses by `system/service`; connect nowhere yet."""
        self._addresses = addresses

    async def state(self, server: str) -> RedisState:
        """Return how a server and its snapshots are."""
        async with talk(self._addresses, server) as one:
            *sections, now = await one.all([*(("INFO", name) for name in _SECTIONS), ("TIME",)])
        info: dict[str, SafeText] = {}
        for answer in sections:
            info |= parse_info(raw(answer))
        return parse_state(info, _whole(_texts(now)[:1]))

    async def begin_save(self, server: str) -> SaveBegun | None:
        """Send BGSAVE, once, between two looks that nobody else comes between."""
        count: tuple[Word, ...] = ("INFO", "keyspace")
        async with talk(self._addresses, server) as one:
            before, begun, after = await one.all([count, ("BGSAVE",), count])
        if isinstance(begun, RedisSaid):
            if any(words in str(begun) for words in _IN_THE_WAY):
                return None
            raise begun
        return SaveBegun(_same_count(before, after))

    async def snapshot_path(self, server: str) -> str:
        """Return where the server writes its snapshot."""
        folder, name = [await self._setting(server, one) for one in ("dir", "dbfilename")]
        if not folder.startswith("/") or not name or "/" in name or name in (".", ".."):
            raise ClientGarbled(
                f"nobody knows where its snapshot is: dir {clean(folder)!r}, dbfilename"
                f" {clean(name)!r}"
            )
        return f"{folder.rstrip('/')}/{name}"

    async def setting(self, server: str, name: str) -> SafeText:
        """Return a setting."""
        return clean(await self._setting(server, name))

    async def may_save(self, server: str) -> bool | None:
        """Return whether our user may run BGSAVE."""
        try:
            async with talk(self._addresses, server) as one:
                user = raw(await one.ask("ACL", "WHOAMI"))
                answer = await one.ask("ACL", "DRYRUN", user, "BGSAVE")
        except RedisSaid:
            return None
        return answer == b"OK"

    async def _setting(self, server: str, name: str) -> str:
        async with talk(self._addresses, server) as one:
            answer = await one.ask("CONFIG", "GET", name)
        return dict(zip(*[iter(_texts(answer))] * 2, strict=True)).get(name, "")


def _same_count(before: object, after: object) -> int | None:
    """Return how many keys two answers of INFO agree on."""
    if not isinstance(before, bytes) or not isinstance(after, bytes):
        return None
    counts = {count_keys(parse_info(one)) for one in (before, after)}
    return counts.pop() if len(counts) == 1 else None


def count_keys(info: Mapping[str, SafeText]) -> int:
    """Return the keys of all databases that INFO lists."""
    found = (_KEYS.match(value) for name, value in info.items() if _DATABASE.fullmatch(name))
    return sum(int(one[1]) for one in found if one)


def parse_state(info: Mapping[str, SafeText], now_s: int) -> RedisState:
    """Return a server's state from its INFO.

    Raises:
        RedisSaid: it still loads its data.
        ClientGarbled: what it says is not enough.
    """
    if info.get("loading") == "1":
        raise RedisSaid("LOADING", "it still loads its data; try again when it has them")
    run_id, last_status = info.get("run_id", EMPTY), info.get("rdb_last_bgsave_status", EMPTY)
    if not run_id or not last_status:
        raise ClientGarbled("INFO has no run_id or no rdb_last_bgsave_status")
    link = info.get("master_link_status", EMPTY)
    return RedisState(
        run_id=run_id,
        version=info.get("valkey_version") or info.get("redis_version", EMPTY),
        role=info.get("role", EMPTY),
        is_cut_off=bool(link) and link != "up",
        now_s=now_s,
        last_save_s=_whole([info.get("rdb_last_save_time", "")]),
        is_saving=info.get("rdb_bgsave_in_progress") != "0",
        is_forked=any(info.get(one, "0") != "0" for one in _CHILDREN),
        is_last_save_ok=last_status == "ok",
        used_bytes=_whole([info.get("used_memory", "0")]),
        keys=count_keys(info),
        loaded_keys=_loaded(info),
    )


def _loaded(info: Mapping[str, SafeText]) -> int | None:
    names = ("rdb_last_load_keys_loaded", "rdb_last_load_keys_expired")
    counts = [info.get(one, EMPTY) for one in names]
    return sum(map(int, counts)) if all(one.isdecimal() for one in counts) else None


def _texts(answer: object) -> list[str]:
    return [os.fsdecode(one) if isinstance(one, bytes) else str(one) for one in listed(answer)]


def _whole(texts: list[str] | list[SafeText]) -> int:
    return whole(texts[0].encode() if texts else None)
