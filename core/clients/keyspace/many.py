"""Reads many small records with one command, where the server and our user's rights allow it."""

from collections.abc import Sequence

from core.clients.clock import Clock
from core.clients.keyspace.allowed import Call
from core.clients.keyspace.pace import Pace, Rests
from core.clients.keyspace.port import KeyContent, Value
from core.clients.keyspace.records import read_contents, scored
from core.clients.keyspace.replies import as_bytes, as_int, as_list, checked, parse_look
from core.clients.keyspace.route import Route
from core.clients.keyspace.script import MAX_KEYS, NOT_REACHED, NOT_SMALL, SMALL_RECORDS
from core.clients.redis_errors import RedisSaid
from core.errors import ClientGarbled
from core.model.redis_key import KeyName
from core.model.text import EMPTY, SafeText

_OF_CLUSTER = SafeText("keys of a cluster are on several nodes")
_NOT_ALLOWED = SafeText("the user may not run EVAL_RO")
_NOT_ALL_ALLOWED = SafeText("the user may not run all that one script reads with")
_NOT_KNOWN = SafeText("the server has no EVAL_RO (before 7, or renamed)")
_FAILED = SafeText("the server does not run our script")
_SPREAD = frozenset({"CROSSSLOT", "MOVED", "ASK", "TRYAGAIN"})
_ELSEWHERE = frozenset({"NOPERM", "ERR"}) | _SPREAD
"""Answers about the script or its keys, not about the server: `contents` may do better."""


class ManyReader:
    """Reads records by one script as long as nothing speaks against it, else one by one.

    Args:
        route: To the server.
        pace: Told how long we rested.
        rests: Shared with scans: a script keeps the server as busy as a slice does.
        clock: For how long the script took.
    """

    def __init__(self, route: Route, pace: Pace, rests: Rests, clock: Clock) -> None:
        self._route, self._pace, self._rests, self._clock = route, pace, rests, clock
        self.against = EMPTY
        """Why records are read one by one; empty: nothing is known against the script."""

    async def read(self, keys: Sequence[KeyName]) -> tuple[KeyContent, ...]:
        """Return what `contents` would, in the order of the keys."""
        found: dict[KeyName, KeyContent] = {}
        wanted: list[KeyName] = list(dict.fromkeys(keys))
        while wanted:
            for one in await self._read_some(wanted[:MAX_KEYS]):
                found[one.key] = one
            wanted = [key for key in wanted if key not in found]
        return tuple(found[key] for key in keys)

    async def _read_some(self, keys: Sequence[KeyName]) -> list[KeyContent]:
        """Return what some of the keys hold; the first of them is always among these."""
        if not self.against and not await self._route.has_all_keys():
            self.against = _OF_CLUSTER
        records = None if self.against else await self._run(keys)
        if records is None:
            return list(await read_contents(self._route, keys))
        if records[0] == NOT_REACHED:
            raise ClientGarbled("the script reached no record")
        pairs = list(zip(keys, records, strict=True))
        found = [_content(key, as_list(one)) for key, one in pairs if not isinstance(one, int)]
        careful = [key for key, one in pairs if one == NOT_SMALL]
        return [*found, *(await read_contents(self._route, careful))] if careful else found

    async def _run(self, keys: Sequence[KeyName]) -> Sequence[object] | None:
        """Return what the script says of each key; None: it says nothing of these."""
        call = Call("EVAL_RO", SMALL_RECORDS, len(keys), *(key.raw for key in keys))
        self._pace.hold(await self._rests.wait())
        began, held = self._clock.monotonic(), self._pace.load().waited_s
        (reply,) = await self._route.ask([call])
        took_s = self._clock.monotonic() - began - (self._pace.load().waited_s - held)
        self._rests.note_alike(took_s, len(keys))
        if isinstance(reply, RedisSaid) and reply.code in _ELSEWHERE:
            self.against = _reason(reply)
            return None
        records = as_list(checked(reply))
        if len(records) != len(keys):
            raise ClientGarbled("EVAL_RO gave another number of records")
        return records


def _reason(said: RedisSaid) -> SafeText:
    """Return what an answer has against the script for good; empty: only against these keys."""
    if said.code in _SPREAD:
        return _OF_CLUSTER
    text = said.text.lower()
    if "permissions to run" in text or "can't run" in text:
        return _NOT_ALLOWED if "'eval_ro'" in text else _NOT_ALL_ALLOWED
    if said.code == "NOPERM":
        return EMPTY
    return _NOT_KNOWN if "unknown command" in text else _FAILED


def _content(key: KeyName, record: Sequence[object]) -> KeyContent:
    """Read the type, the ms to live, and where there is more: the length, how it is kept, words."""
    if len(record) < 2:
        raise ClientGarbled("the script gave half a record")
    look = parse_look(record[0], record[1])
    if len(record) < 4:
        return KeyContent(key, look)
    length, words = as_int(record[2]), record[4:]
    match look.kind:
        case "string" if words:
            data = as_bytes(words[0])
            size = max(length, len(data))
            return KeyContent(key, look, text=Value(data, size), length=size)
        case "hash":
            return KeyContent(key, look, fields=_fields(words, record[3] == 1), length=length)
        case "list":
            members = tuple((as_bytes(word), 0.0) for word in words)
            return KeyContent(key, look, members=members, length=length)
        case "zset":
            return KeyContent(key, look, members=scored(words), length=length)
        case _:
            return KeyContent(key, look, length=length)


def _fields(words: Sequence[object], is_ordered: bool) -> dict[bytes, Value]:
    """Return the fields as they were written where the server keeps their order, else by name."""
    pairs = [(as_bytes(words[at]), as_bytes(words[at + 1])) for at in range(0, len(words) - 1, 2)]
    return {name: Value(data, len(data)) for name, data in (pairs if is_ordered else sorted(pairs))}
