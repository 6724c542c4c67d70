"""What is asked of a server's keys in one conversation, and what its answers mean."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from core.clients.acting.redis_call import Talk, Word, listed, raw, whole
from core.clients.acting.redis_key_values import (
    GONE,
    KeyCopy,
    KeySight,
    Put,
    Write,
    count_or_none,
)
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.model.redis_key import KeyName
from core.model.text import SafeText, clean


def database_of(address: RedisAddress) -> int:
    """Return the database that an address selects."""
    url = urlsplit(address.url.reveal())
    number = (url.query if url.scheme == "unix" else url.path).rpartition("=")[2].strip("/")
    return int(number) if number.isdecimal() else 0


def renamed(calls: Sequence[Sequence[str]], known: Sequence[object]) -> tuple[SafeText, ...]:
    """Return the commands that the server does not have."""
    return tuple(
        clean(f"the server knows no {words[0]}: it is renamed or switched off (rename-command)")
        for words, one in zip(calls, known, strict=False)
        if one is None
    )


def denied(calls: Sequence[Sequence[str]], may: Sequence[object]) -> tuple[SafeText, ...]:
    """Return the commands that a dry run refuses; servers before 7 know no dry run."""
    return tuple(
        clean(f"NOPERM: our user may not run {' '.join(words[:2])}: {_reason(one)}")
        for words, one in zip(calls, may, strict=False)
        if isinstance(one, bytes) and one != b"OK"
    )


def _reason(answer: bytes) -> str:
    return answer.decode("utf-8", "replace")


async def kinds(one: Talk, keys: Sequence[KeyName]) -> list[KeySight]:
    """Return kinds, times to live and sizes of keys."""
    calls: list[tuple[Word, ...]] = []
    for key in keys:
        calls += [("TYPE", key.raw), ("PTTL", key.raw), ("MEMORY", "USAGE", key.raw)]
    answers = await one.all(calls)
    found: list[KeySight] = []
    for key, kind, ttl, size in zip(keys, *(answers[at::3] for at in range(3)), strict=True):
        ttl_ms, word = whole_or_negative(ttl), clean(raw(kind))
        is_gone = word == GONE or ttl_ms == -2
        shown = count_or_none(size)
        found.append(
            KeySight(key, GONE if is_gone else word, None if ttl_ms < 0 else ttl_ms, shown)
        )
    return found


def whole_or_negative(answer: object) -> int:
    """Return a number that may be below 0."""
    return answer if isinstance(answer, int) else whole(answer)


async def now_ms(one: Talk) -> int:
    """Return the server's clock, in ms since 1970."""
    seconds, micros = listed(await one.ask("TIME"))
    return whole(seconds) * 1000 + whole(micros) // 1000


async def copies(one: Talk, keys: Sequence[KeyName]) -> tuple[KeyCopy, ...]:
    """Return copies of those of these keys that are there."""
    asked_ms = await now_ms(one)
    calls: list[tuple[Word, ...]] = []
    for key in keys:
        calls += [("DUMP", key.raw), ("PTTL", key.raw)]
    answers = await one.all(calls)
    found: list[KeyCopy] = []
    for key, data, ttl in zip(keys, answers[::2], answers[1::2], strict=True):
        ttl_ms = whole_or_negative(ttl)
        if data is not None and ttl_ms != -2:
            found.append(KeyCopy(key, raw(data), None if ttl_ms < 0 else asked_ms + ttl_ms))
    return tuple(found)


async def if_same(
    one: Talk, same: Sequence[KeyCopy], calls: Sequence[tuple[Word, ...]]
) -> list[object] | None:
    """Do all of it in one moment, unless a key is not as it was copied. None: one is not."""
    if same:
        await one.ask("WATCH", *(copy.key.raw for copy in same))
        now = await one.all([("DUMP", copy.key.raw) for copy in same])
        if now != [copy.data for copy in same]:
            return None
    *queued, done = await one.all([("MULTI",), *calls, ("EXEC",)])
    for answer in queued:
        if isinstance(answer, RedisSaid):
            raise answer
    return None if done is None else listed(done)


def write_call(write: Write) -> tuple[Word, ...]:
    """Return the command that writes it."""
    if write.field:
        return ("HSET", write.key.raw, write.field, write.value)
    lasts = ("KEEPTTL",) if write.ttl_ms is None else ("PX", write.ttl_ms)
    return ("SET", write.key.raw, write.value, *lasts)


def put(answer: object) -> Put:
    """Return what RESTORE came to.

    Raises:
        RedisSaid: neither done nor there already.
    """
    if isinstance(answer, RedisSaid):
        if answer.code == "BUSYKEY":
            return Put.THERE
        raise answer
    return Put.BACK
