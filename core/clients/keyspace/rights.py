"""What our user needs at a server: the commands of the list, as rules and as rehearsals. Pure."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from core.clients.keyspace.allowed import ALLOWED, DIALLING

OF_CLUSTERS = frozenset({"CLUSTER SLOTS"})
OF_SENTINELS = frozenset({"SENTINEL GET-MASTER-ADDR-BY-NAME"})
"""Asked of the sentinels; servers do not know it."""
OPTIONAL: Mapping[str, str] = MappingProxyType(
    {
        "EVAL_RO": "reads a million rate limits in minutes, not hours (one constant script, which "
        "cannot write; but whoever has this user may run any script that only reads, at any cost)",
        "CONFIG GET": "shows settings such as the eviction policy; but whoever has this user can "
        "read requirepass and masterauth with it",
    }
)
"""Rights that are not in the default offer, with what they bring and what they risk."""

_ARGUMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ACL DRYRUN": ("default", "ping"),
        "COMMAND INFO": ("ping",),
        "CONFIG GET": ("maxmemory",),
        "SLOWLOG GET": ("1",),
        "SCAN": ("0", "COUNT", "10"),
        "TYPE": ("k",),
        "PTTL": ("k",),
        "OBJECT ENCODING": ("k",),
        "MEMORY USAGE": ("k", "SAMPLES", "1"),
        "STRLEN": ("k",),
        "GETRANGE": ("k", "0", "1"),
        "HLEN": ("k",),
        "HSCAN": ("k", "0", "COUNT", "10"),
        "HRANDFIELD": ("k", "1"),
        "HSTRLEN": ("k", "f"),
        "HMGET": ("k", "f"),
        "LLEN": ("k",),
        "LRANGE": ("k", "0", "1"),
        "SCARD": ("k",),
        "SSCAN": ("k", "0", "COUNT", "10"),
        "ZCARD": ("k",),
        "ZRANGE": ("k", "0", "1"),
        "XLEN": ("k",),
        "XINFO STREAM": ("k",),
        "XINFO GROUPS": ("k",),
        "XINFO CONSUMERS": ("k", "g"),
        "XPENDING": ("k", "g", "-", "+", "1"),
        "XRANGE": ("k", "-", "+", "COUNT", "1"),
        "XREVRANGE": ("k", "+", "-", "COUNT", "1"),
        "EVAL_RO": ("return 0", "1", "k"),
    }
)


def needs(*, is_cluster: bool) -> tuple[str, ...]:
    """Return the commands that a server is asked and whose views stay empty without them."""
    spared = OF_SENTINELS if is_cluster else OF_SENTINELS | OF_CLUSTERS
    return tuple(name for name in ALLOWED if name not in spared and name not in OPTIONAL)


def useful(*, is_cluster: bool, has_limits: bool) -> tuple[str, ...]:
    """Return the optional commands that would bring something at a server."""
    spared = frozenset[str]() if has_limits and not is_cluster else frozenset({"EVAL_RO"})
    return tuple(name for name in OPTIONAL if name not in spared)


def rehearsal(name: str) -> tuple[str, ...]:
    """Return a command as ACL DRYRUN wants it."""
    return (*name.split(), *_ARGUMENTS.get(name, ()))


def rules(names: Iterable[str]) -> str:
    """Return the rules that allow commands, such as `+ping +xinfo|stream`."""
    return " ".join(f"+{name.lower().replace(' ', '|')}" for name in names)


READING_NAME = "qd-read"
READING_USER = (
    f"ACL SETUSER {READING_NAME} on >PASSWORD ~* resetchannels -@all "
    f"{rules((*DIALLING, *needs(is_cluster=True)))}"
)
"""A user that may read what the console shows and change nothing; PASSWORD is to be replaced.

It cannot read passwords of the server; what `OPTIONAL` has is offered apart, with its price.
"""
