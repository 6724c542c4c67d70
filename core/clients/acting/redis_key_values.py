"""What a server's keys and settings are, as those that change them need it. Values and reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.clients.acting.redis_call import Word, listed, whole
from core.clients.redis_errors import RedisSaid
from core.errors import ClientGarbled
from core.model.redis_key import KeyName
from core.model.text import SafeText, clean

GONE = "none"
"""TYPE of a key that is not there."""
MOST_FIELDS = 64
MOST_BYTES = 1024 * 1024
"""The content of a larger key is not read."""
_TEXT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Standing:
    """Who answers, and how the server stands, all in one moment."""

    run_id: SafeText
    """Another one after each start."""
    role: SafeText
    """`master` or `slave`."""
    is_cluster: bool
    database: int
    """The one that its address selects."""
    keys: Mapping[int, int]
    """Keys by database; an empty one is not in it."""
    used_bytes: int
    max_bytes: int
    """0: no limit."""
    policy: SafeText
    config_file: SafeText
    """Empty: it was started without one, or does not say."""
    clients: int
    now_ms: int
    """By its own clock, since 1970."""


@dataclass(frozen=True, slots=True)
class KeySight:
    """What one key is now, its content as far as it is small."""

    key: KeyName
    kind: str
    """`hash`, `string`, …; `none`: it is not there."""
    ttl_ms: int | None = None
    """None: it never expires."""
    size_bytes: int | None = None
    """MEMORY USAGE; None: the server does not say."""
    length: int | None = None
    """Bytes of a string, else fields, members, entries."""
    content: tuple[tuple[bytes, bytes], ...] = ()
    """Fields of a hash; of anything else its text or members, without names."""

    @property
    def is_there(self) -> bool:
        """Whether there is such a key."""
        return self.kind != GONE

    @property
    def names(self) -> tuple[bytes, ...]:
        """The fields of a hash."""
        return tuple(name for name, _ in self.content if name)


@dataclass(frozen=True, slots=True)
class KeyCopy:
    """A key as DUMP gives it, good for RESTORE."""

    key: KeyName
    data: bytes
    expires_at_ms: int | None
    """By the server's clock; None: never."""


class Put(StrEnum):
    """What came of putting a key back."""

    BACK = "put back"
    THERE = "there already"
    EXPIRED = "expired by now"


@dataclass(frozen=True, slots=True)
class Found:
    """What a scan came to."""

    keys: tuple[KeyName, ...]
    """Each once."""
    is_whole: bool
    """False: there was no time, or no room, for the rest."""
    looked_at: int
    """Keys that it passed, as far as is known."""


@dataclass(frozen=True, slots=True)
class Write:
    """One field of a hash, or a whole string (`field` empty)."""

    key: KeyName
    field: bytes
    value: bytes
    ttl_ms: int | None = None
    """Of a string, from now on. None: as it was."""


@dataclass(frozen=True, slots=True)
class Swap:
    """A value that takes the place of another one, which must still be there."""

    key: KeyName
    kind: str
    """`string`, `hash` (one field of it) or `list` (one item of it)."""
    field: bytes
    """Of a hash its name; of a new item of a list `head` or `tail`; else nothing."""
    old: bytes | None
    """None: there must be none."""
    new: bytes | None
    """None: it is taken away."""
    ttl_ms: int | None = None
    """Of a new Redis key. None: it never expires; what is there keeps its time in any case."""

    def words(self, keys: Sequence[KeyName]) -> tuple[Word, ...]:
        """Return it as the script reads it."""
        return (
            keys.index(self.key) + 1, self.kind, self.field, int(self.old is not None),
            self.old or b"", int(self.new is not None), self.new or b"", self.ttl_ms or 0,
        )  # fmt: skip


_LENGTHS = {
    "string": "STRLEN",
    "hash": "HLEN",
    "list": "LLEN",
    "set": "SCARD",
    "zset": "ZCARD",
    "stream": "XLEN",
}


def length_call(kind: str, key: bytes) -> tuple[Word, ...]:
    """Return the command that counts what a key holds."""
    return (_LENGTHS[kind], key) if kind in _LENGTHS else ("EXISTS", key)


def content_call(sight: KeySight) -> tuple[Word, ...]:
    """Return the command that reads a key's content; empty: it is too large, or has none."""
    key, length = sight.key.raw, sight.length or 0
    if sight.kind == "string":
        return ("GETRANGE", key, 0, _TEXT_BYTES - 1)
    if (sight.size_bytes or 0) > MOST_BYTES:
        return ()
    if sight.kind == "hash" and length <= MOST_FIELDS:
        return ("HGETALL", key)
    if sight.kind == "set" and length <= MOST_FIELDS:
        return ("SMEMBERS", key)
    if sight.kind == "list":
        return ("LRANGE", key, 0, MOST_FIELDS - 1)
    if sight.kind == "zset":
        return ("ZRANGE", key, 0, MOST_FIELDS - 1)
    return ()


def content_of(kind: str, answer: object) -> tuple[tuple[bytes, bytes], ...]:
    """Return a key's content from its answer; one that is another kind by now has none."""
    if isinstance(answer, RedisSaid):
        return ()
    if isinstance(answer, bytes):
        return ((b"", answer),)
    values = [one if isinstance(one, bytes) else b"" for one in listed(answer)]
    if kind == "hash":
        return tuple(sorted(zip(values[::2], values[1::2], strict=False)))
    if kind == "set":
        values.sort()
    return tuple((b"", one) for one in values)


def count_or_none(answer: object) -> int | None:
    """Return a number, or None where there is none."""
    return answer if isinstance(answer, int) else None


def parse_standing(info: Mapping[str, SafeText], database: int, now: Sequence[object]) -> Standing:
    """Return how a server stands from its INFO and TIME.

    Raises:
        RedisSaid: it still loads its data.
        ClientGarbled: what it says is not enough.
    """
    if info.get("loading") == "1":
        raise RedisSaid("LOADING", "it still loads its data; try again when it has them")
    run_id, role = info.get("run_id"), info.get("role")
    if not run_id or not role or len(now) != 2:
        raise ClientGarbled("INFO has no run_id or no role, or TIME is no time")
    return Standing(
        run_id=run_id,
        role=role,
        is_cluster=info.get("cluster_enabled") == "1" or info.get("redis_mode") == "cluster",
        database=database,
        keys={
            int(name[2:]): int(counts.partition("keys=")[2].partition(",")[0] or 0)
            for name, counts in info.items()
            if name.startswith("db") and name[2:].isdecimal()
        },
        used_bytes=_whole(info, "used_memory"),
        max_bytes=_whole(info, "maxmemory"),
        policy=info.get("maxmemory_policy", clean("")),
        config_file=info.get("config_file", clean("")),
        clients=_whole(info, "connected_clients"),
        now_ms=whole(now[0]) * 1000 + whole(now[1]) // 1000,
    )


def _whole(info: Mapping[str, SafeText], name: str) -> int:
    text = info.get(name, "")
    return int(text) if text.isdecimal() else 0
