"""The commands that may leave: reading ones only, and none whose cost nobody has bounded.

`Call` is the only form a command can have here, and making one checks it. Pure.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from core.clients.keyspace.script import MAX_KEYS, SMALL_RECORDS
from core.errors import ClientGarbled

MAX_SCAN = 500
MAX_ENTRIES = 500
MAX_PENDING = 100
MAX_FIELDS = 64
MAX_EDGE = 16
MAX_SLOW = 128
MAX_RANGE_BYTES = 16 * 1024

Word = bytes | str | int


class Call:
    """One command with its arguments, and the key that it is about.

    Raises:
        ClientGarbled: it is not allowed, or not bounded.
    """

    __slots__ = ("arguments", "name")

    def __init__(self, name: str, *arguments: Word) -> None:
        """Take the command (`XINFO STREAM`) and what follows it; a key comes first."""
        self.name = name
        self.arguments = tuple(_word(argument) for argument in arguments)
        rule = ALLOWED.get(name)
        if rule is None or not rule(self.arguments):
            raise ClientGarbled(f"{name} is not among the commands that only read a little")

    @property
    def key(self) -> bytes | None:
        """The key that decides which node of a cluster is asked."""
        return self.arguments[0] if self.name in KEYED else None

    @property
    def words(self) -> tuple[bytes, ...]:
        """What is sent."""
        return (*self.name.encode().split(), *self.arguments)


def _word(argument: Word) -> bytes:
    if isinstance(argument, bytes):
        return argument
    return str(argument).encode("utf-8", "surrogateescape")


Rule = Callable[[tuple[bytes, ...]], bool]


def _exactly(count: int) -> Rule:
    return lambda words: len(words) == count


def _at_most(count: int) -> Rule:
    return lambda words: len(words) <= count


def _number(word: bytes) -> int | None:
    return int(word) if word.removeprefix(b"-").isdigit() else None


def _after(option: bytes, most: int, at: int) -> Rule:
    """Judge commands that need `option` with a number of at most `most`, from word `at` on."""

    def judge(words: tuple[bytes, ...]) -> bool:
        if option not in words[at:-1]:
            return False
        count = _number(words[words.index(option, at) + 1])
        return count is not None and 1 <= count <= most

    return judge


def _span(most: int) -> Rule:
    """Judge ranges by index: as many members at most, counted from one end."""

    def judge(words: tuple[bytes, ...]) -> bool:
        if len(words) not in {3, 4} or words[3:] not in {(), (b"WITHSCORES",)}:
            return False
        first, last = _number(words[1]), _number(words[2])
        if first is None or last is None or (first < 0) != (last < 0):
            return False
        return 0 <= last - first < most

    return judge


def _is_pending_page(words: tuple[bytes, ...]) -> bool:
    count = _number(words[4]) if len(words) in {5, 6} else None
    return count is not None and 1 <= count <= MAX_PENDING


def _is_slow_page(words: tuple[bytes, ...]) -> bool:
    count = _number(words[0]) if len(words) == 1 else None
    return count is not None and 1 <= count <= MAX_SLOW


def _are_names(words: tuple[bytes, ...]) -> bool:
    """Judge names of settings; a pattern may bring passwords."""
    named = all(word.replace(b"-", b"").replace(b"_", b"").isalnum() for word in words)
    return 1 <= len(words) <= MAX_FIELDS and named and b"requirepass" not in words


def _is_small_records(words: tuple[bytes, ...]) -> bool:
    """Judge scripts: this very text, and so many keys as it says."""
    count = _number(words[1]) if len(words) > 2 else None
    is_ours = words[:1] == (SMALL_RECORDS.encode(),)
    return is_ours and count is not None and 1 <= count == len(words) - 2 <= MAX_KEYS


def _any(words: tuple[bytes, ...]) -> bool:
    return len(words) >= 1


ALLOWED: Mapping[str, Rule] = MappingProxyType(
    {
        "PING": _exactly(0),
        "TIME": _exactly(0),
        "INFO": _at_most(1),
        "DBSIZE": _exactly(0),
        "ROLE": _exactly(0),
        "ACL WHOAMI": _exactly(0),
        "ACL DRYRUN": _any,
        "COMMAND INFO": _exactly(1),
        "CONFIG GET": _are_names,
        "CLUSTER SLOTS": _exactly(0),
        "SENTINEL GET-MASTER-ADDR-BY-NAME": _exactly(1),
        "SLOWLOG GET": _is_slow_page,
        "SCAN": _after(b"COUNT", MAX_SCAN, 1),
        "TYPE": _exactly(1),
        "PTTL": _exactly(1),
        "OBJECT ENCODING": _exactly(1),
        "MEMORY USAGE": _after(b"SAMPLES", 5, 1),
        "STRLEN": _exactly(1),
        "GETRANGE": _span(MAX_RANGE_BYTES),
        "HLEN": _exactly(1),
        "HSCAN": _after(b"COUNT", MAX_FIELDS, 2),
        "HRANDFIELD": lambda words: len(words) == 2 and 1 <= (_number(words[1]) or 0) <= MAX_FIELDS,
        "HSTRLEN": _exactly(2),
        "HMGET": lambda words: 2 <= len(words) <= MAX_FIELDS + 1,
        "LLEN": _exactly(1),
        "LRANGE": _span(MAX_EDGE),
        "SCARD": _exactly(1),
        "SSCAN": _after(b"COUNT", MAX_FIELDS, 2),
        "ZCARD": _exactly(1),
        "ZRANGE": _span(MAX_EDGE),
        "XLEN": _exactly(1),
        "XINFO STREAM": _exactly(1),
        "XINFO GROUPS": _exactly(1),
        "XINFO CONSUMERS": _exactly(2),
        "XPENDING": _is_pending_page,
        "XRANGE": _after(b"COUNT", MAX_ENTRIES, 3),
        "XREVRANGE": _after(b"COUNT", MAX_ENTRIES, 3),
        "EVAL_RO": _is_small_records,
    }
)
"""Commands that read, with what bounds each of them."""

KEYED = frozenset(
    {
        *("TYPE", "PTTL", "OBJECT ENCODING", "MEMORY USAGE", "STRLEN", "GETRANGE"),
        *("HLEN", "HSCAN", "HRANDFIELD", "HSTRLEN", "HMGET", "LLEN", "LRANGE", "SCARD", "SSCAN"),
        *("ZCARD", "ZRANGE", "XLEN", "XINFO STREAM", "XINFO GROUPS", "XINFO CONSUMERS"),
        *("XPENDING", "XRANGE", "XREVRANGE"),
    }
)
"""Those whose first argument is a key."""
DIALLING = ("HELLO", "AUTH", "SELECT", "CLIENT SETNAME", "ASKING")
"""What a connection says of itself; it reads and changes no data."""
