"""Families of keys: which beginning a key shares with others, what it is for, how many. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv6Address

from core.model.masking import mask_text
from core.model.redis_key import KeyName
from core.model.redis_spec import KeyFamilySpec, RedisSpec
from core.model.text import SafeText, clean
from core.redis.globs import is_pattern, matches

ADDRESS_FAMILY = b"(address)*"
"""Of keys that begin with an address."""
_PREFIX_BYTES = 64
_HEX_DIGITS = tuple(bytes([digit]) for digit in b"0123456789abcdefABCDEF")
_LEAST_KEPT = 64
_LITERAL = re.compile(rb"[^*?\[\\]*")
_SEPARATOR = re.compile(rb"[:/.]")
_IPV4 = re.compile(rb"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_HEX_RUN = re.compile(rb"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*")
_TOKEN_WORDS = ("token", "revo", "denylist", "blacklist", "blocklist", "jwt")


def family_of(raw: bytes) -> bytes:
    """Return the beginning that a key shares with others, with `*`: `rate_limit:*`.

    It ends at the first `:`, `/` or `.` (but for leading ones), or where an address begins: an
    address is one client, and its colons and dots separate nothing. A key without a separator is
    a family of its own.
    """
    head = raw[: 4 * _PREFIX_BYTES]
    start = len(head) - len(head.lstrip(b":/."))
    found = _SEPARATOR.search(head, start)
    if found is None and len(raw) <= _PREFIX_BYTES:
        return raw if start == 0 or not _is_address(head, 0) else ADDRESS_FAMILY
    end = _PREFIX_BYTES if found is None else found.end()
    begin = None if found is None else _address_at(head, found.start())
    if begin == 0:
        return ADDRESS_FAMILY
    return raw[: min(end if begin is None else begin, _PREFIX_BYTES)] + b"*"


def _address_at(head: bytes, separator: int) -> int | None:
    """Return where the address begins that the first separator belongs to; None: to none."""
    if head[separator - 1 : separator] not in _HEX_DIGITS and not head.startswith(b"::"):
        return None
    four = _IPV4.search(head)
    if four is not None and four.start() < separator < four.end():
        return four.start()
    if head.startswith(b"::"):
        return 0 if _is_address(head, 0) else None
    begin = separator
    while begin > 0 and head[begin - 1 : begin] in _HEX_DIGITS:
        begin -= 1
    # `feed:1` has letters only before its colon, and is a name.
    has_digit = any(0x30 <= byte <= 0x39 for byte in head[begin:separator])
    return begin if has_digit and _is_address(head, begin) else None


def _is_address(head: bytes, begin: int) -> bool:
    run = _HEX_RUN.match(head, begin)
    return run is not None and _is_ipv6(run.group().rstrip(b":."))


def _is_ipv6(text: bytes) -> bool:
    if text.count(b":") < 2:
        return False
    try:
        IPv6Address(text.decode())
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the profile says keys are that match a pattern."""

    pattern: bytes
    """A key, or a glob as SCAN takes it."""
    meaning: SafeText
    """`stream events`, `dead letters of events`, `limits per-client`, `circuit upstream`, …"""
    is_stream: bool = False
    is_token: bool = False
    """Tokens or revocations: who loses them lets somebody in, or locks somebody out."""
    glob: str = ""
    """As configured, where it stands for several keys; empty: it is one key."""

    @property
    def beginning(self) -> bytes:
        """What every key of it begins with."""
        return _LITERAL.match(self.pattern).group() if self.glob else self.pattern  # pyright: ignore[reportOptionalMemberAccess] - matches nothing at least

    def has(self, raw: bytes) -> bool:
        """Tell whether a key is of it."""
        return matches(self.glob, raw) if self.glob else raw == self.pattern


def is_token_family(family: KeyFamilySpec) -> bool:
    """Tell whether a family of the profile is of tokens or of revocations."""
    words = (family.name, *family.keys)
    return any(token in word.lower() for word in words for token in _TOKEN_WORDS)


def purpose_of(
    key: str, meaning: str, *, is_stream: bool = False, is_token: bool = False
) -> Purpose:
    """Return what a key or pattern of the configuration is for."""
    glob = key if is_pattern(key) else ""
    return Purpose(KeyName.read(key).raw, clean(meaning), is_stream, is_token, glob)


def purposes_of(spec: RedisSpec) -> tuple[Purpose, ...]:
    """Return what the profile says of keys, streams first."""
    named: list[Purpose] = []

    def add(keys: Iterable[str], meaning: str, **what: bool) -> None:
        named.extend(purpose_of(key, meaning, **what) for key in keys)

    for stream in spec.streams:
        add(stream.keys, f"stream {stream.name}", is_stream=True)
        add(stream.dead_letters, f"dead letters of {stream.name}", is_stream=True)
    for circuit in spec.circuits:
        add(circuit.keys, f"circuit {circuit.name}")
    for limit in spec.limits:
        add(limit.keys, f"limits {limit.name}")
    for family in spec.families:
        add(family.keys, family.name, is_token=is_token_family(family))
    return tuple({one.pattern: one for one in reversed(named)}.values())[::-1]


@dataclass(slots=True)
class Count:
    """One family while it is counted."""

    count: int = 0
    missed_at_most: int = 0
    """Keys of it that may have been counted among the others before it was kept."""
    looked_at: int = 0
    """Keys whose type and time to live were read."""
    without_ttl: int = 0
    """Of those."""
    kinds: dict[str, int] = field(default_factory=dict[str, int])
    """Of those, by type."""
    weighed: int = 0
    """Keys whose memory was asked."""
    weight_bytes: int = 0
    """Of those."""

    @property
    def memory_bytes(self) -> int | None:
        """Memory of the family as the weighed keys let expect; None: none was weighed."""
        return round(self.weight_bytes * self.count / self.weighed) if self.weighed else None


class Tally:
    """Counts keys by family in bounded memory. What the profile names is always kept by name.

    Where there are more families than `most`, the smaller half is counted among `others`; a
    family that comes back after that may lack as many as the largest that was dropped had.
    """

    def __init__(self, purposes: tuple[Purpose, ...] = (), most: int = 10_000) -> None:
        """Take what the profile says, and how many other families may be kept."""
        self.purposes = purposes
        self.total = 0
        self.others = 0
        self._named = {one.pattern: Count() for one in purposes}
        self._counts: dict[bytes, Count] = {}
        self._most = max(_LEAST_KEPT, most)
        self._floor = 0
        self._beginnings = tuple((one.beginning, one) for one in purposes)

    def purpose_of(self, raw: bytes) -> Purpose | None:
        """Return what the profile says of a key."""
        for beginning, purpose in self._beginnings:
            if raw.startswith(beginning) and purpose.has(raw):
                return purpose
        return None

    def add(self, raw: bytes) -> Count:
        """Count a key and return its family's count, to which what is seen of it belongs."""
        self.total += 1
        purpose = self.purpose_of(raw)
        if purpose is not None:
            found = self._named[purpose.pattern]
        else:
            name = family_of(raw)
            found = self._counts.get(name)
            if found is None:
                self._make_room()
                found = self._counts[name] = Count(missed_at_most=self._floor)
        found.count += 1
        return found

    def _make_room(self) -> None:
        if len(self._counts) < self._most:
            return
        order = sorted(self._counts, key=lambda name: self._counts[name].count, reverse=True)
        for name in order[self._most // 2 :]:
            dropped = self._counts.pop(name)
            self.others += dropped.count
            self._floor = max(self._floor, dropped.count + dropped.missed_at_most)

    def named(self) -> tuple[tuple[Purpose, Count], ...]:
        """Return what the profile names and at least one key has, the largest first."""
        found = [(one, self._named[one.pattern]) for one in self.purposes]
        kept = [pair for pair in found if pair[1].count]
        return tuple(sorted(kept, key=lambda pair: -pair[1].count))

    def largest(self, most: int) -> tuple[tuple[bytes, Count], ...]:
        """Return the largest families that the profile does not name."""
        order = sorted(self._counts.items(), key=lambda pair: (-pair[1].count, pair[0]))
        return tuple(order[:most])


def shown_family(family: bytes) -> SafeText:
    """Return a family for the screen; a secret that is all of a key is masked."""
    spelled = KeyName(family).spelled
    head = spelled.rstrip("*:/.")
    return clean(mask_text(head) + spelled[len(head) :])
