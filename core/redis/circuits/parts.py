"""The parts of a breaker's record by the many names they have. Pure."""

from collections.abc import Iterable

from core.model.redis_key import KeyName
from core.redis.fields import plain
from core.redis.globs import MAX_KEY_BYTES

STATE = (
    "state", "status", "circuitstate", "circuitstatus", "breakerstate", "cbstate", "currentstate",
)  # fmt: skip
FAILURES = (
    "failurecount", "failures", "failcounter", "failcount", "fails", "consecutivefailures",
    "failurecounter", "errorcount",
)  # fmt: skip
SUCCESSES = (
    "successcount", "successes", "successcounter", "halfopensuccesscount", "halfopensuccesses",
    "consecutivesuccesses",
)  # fmt: skip
CHANGED = (
    "laststatechangetime", "laststatechange", "laststatechangeat", "laststatechangems",
    "lastchange", "lastchangetime", "lastchangeat", "lastchangedat", "statechangedat", "changedat",
    "statechangetime", "lasttransition", "lasttransitionat", "statesince", "since",
)  # fmt: skip
OPENED = (
    "openedat", "openedatms", "openat", "opened", "openedtime", "opentime", "lastopened",
    "lastopenedat", "trippedat",
)  # fmt: skip
FAILED = (
    "lastfailure", "lastfailuretime", "lastfailureat", "lastfailedat", "lastfailuretimestamp",
    "lastfailurets", "lastfailurems", "lastfailtime", "lasterrorat",
)  # fmt: skip
UNTIL = (
    "openuntil", "openuntilms", "circuitopenuntil", "nextattempt", "nextattemptat",
    "nextattempttime", "nexttryat", "nextretry", "nextretryat", "nextprobeat", "retryat",
    "recoveryat", "halfopenat", "blockeduntil",
)  # fmt: skip
THRESHOLD = ("failurethreshold", "threshold", "maxfailures", "failmax")
NEEDED = ("successthreshold", "halfopensuccessthreshold", "successesneeded")
TIMEOUT = ("resettimeout", "resettimeouts", "resettimeoutseconds", "resettimeoutms")

_SPLIT = frozenset(
    (*STATE, *FAILURES, *SUCCESSES, *CHANGED, *OPENED, *FAILED, *UNTIL, *THRESHOLD, *TIMEOUT)
)
_SIBLINGS = (
    "state", "failures", "failure_count", "fail_counter", "successes", "success_count",
    "success_counter", "opened_at", "last_failure", "last_failure_time", "last_change",
    "last_state_change", "open_until", "next_attempt",
)  # fmt: skip
_BREAKER_WORDS = frozenset(
    {"cb", "cbs", "circuit", "circuits", "breaker", "breakers", "circuitbreaker", "circuitbreakers",
     "pybreaker"}
)  # fmt: skip
_SEPARATORS = ":./|"


def part_of(raw: bytes) -> tuple[str, str] | None:
    """Return the record a key is a part of (with its last separator), and the part's name.

    None: by its name it is a record of its own.
    """
    if len(raw) > MAX_KEY_BYTES:
        return None
    text = raw.decode("utf-8", "surrogateescape")
    at = max(text.rfind(mark) for mark in _SEPARATORS)
    if at <= 0 or plain(text[at + 1 :]) not in _SPLIT:
        return None
    return text[: at + 1], text[at + 1 :]


def siblings(raw: bytes) -> tuple[KeyName, ...]:
    """Return where the other parts of a record may be; none: it is not of several keys."""
    part = part_of(raw)
    if part is None:
        return ()
    return tuple(
        KeyName(f"{part[0]}{name}".encode("utf-8", "surrogateescape")) for name in _SIBLINGS
    )


def protected(base: str) -> str:
    """Return what a breaker protects, as its key says: the key without the words for breakers."""
    pieces = [piece for piece in base.split(":") if piece]
    said = [piece for piece in pieces if plain(piece) not in _BREAKER_WORDS]
    return ":".join(said or pieces) or base


def guesses(patterns: Iterable[str], names: Iterable[str]) -> tuple[KeyName, ...]:
    """Return keys that patterns with one star at the end may well stand for.

    A walk over all keys finds them too, but a large server takes a while to walk.
    """
    spelled: list[str] = []
    likely = [one for name in names if name for one in (name, name.replace("-", "_"))]
    for pattern in patterns:
        if pattern.endswith("*") and not any(mark in pattern[:-1] for mark in "*?[\\"):
            spelled += [pattern[:-1] + name for name in dict.fromkeys(likely)]
    return tuple(KeyName.read(one) for one in dict.fromkeys(spelled))
