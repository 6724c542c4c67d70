"""Follows the chain line by line: the one place that says whether a record may stand where it is.

It works on bytes: a line is hashed as it stands, without its hash, so that nothing but the very
bytes that were written passes, and a million of them take seconds.
"""

import hashlib
import hmac
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from core.actions.audit.record import ZERO, Event, digest, key_name

_HASH = b',"hash":"'
_HEX = 64
OVERRIDE = "override"
"""The code of the record with which somebody answers, by name, for a log that is broken."""
EXPIRED = "expired"
"""The code of the record that says which segment was removed for its age."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where the chain stands: the last record's number and hash."""

    seq: int = 0
    hash: str = ZERO


@dataclass(frozen=True, slots=True)
class First:
    """What a segment's first record says of itself."""

    seq: int
    prev: str
    key_id: str
    is_override: bool

    @property
    def before(self) -> Link:
        """What it claims to follow."""
        return Link(self.seq - 1, self.prev)


class Chain:
    """Follows records from a link on."""

    def __init__(self, link: Link, key: bytes = b"") -> None:
        """Begin behind `link`; `key` is that of the HMAC, empty for plain hashes."""
        self._seq = link.seq
        self._prev = link.hash.encode("ascii")
        self._key = key

    @property
    def link(self) -> Link:
        """The last good record."""
        return Link(self._seq, self._prev.decode("ascii"))

    def follow(self, lines: Sequence[bytes]) -> int | None:
        """Take lines in their order; return the index of the first bad one, None for none.

        After a bad one `link` is the record before it.
        """
        seq, prev, key = self._seq, self._prev, self._key
        sha256, keyed = hashlib.sha256, hmac.digest
        for index, line in enumerate(lines):
            cut = line.find(_HASH)
            stated = line[cut + 9 : cut + 73]
            signed = prev + line[:cut] + line[cut + 74 :]
            own = keyed(key, signed, "sha256").hex() if key else sha256(signed).hexdigest()
            if (
                own.encode() != stated
                or cut < 0
                or b',"seq":%d,' % (seq + 1) not in line
                or b'"prev":"' + prev not in line
                or line[cut + 73 : cut + 74] != b'"'
            ):
                self._seq, self._prev = seq, prev
                return index
            seq += 1
            prev = stated
        self._seq, self._prev = seq, prev
        return None

    def why(self, line: bytes) -> str:
        """Return, for a person, what is wrong with the line that `follow` stopped at."""
        row = _row(line)
        if row is None:
            return "this is not a record"
        if row.get("key", "") != key_name(self._key):
            return "it was signed with another key, or with none"
        cut = line.find(_HASH)
        prev = str(row.get("prev", ""))
        own = digest(prev.encode(), line[:cut] + line[cut + _HEX + 10 :], self._key)
        if own != row.get("hash"):
            return "it was edited: its hash does not fit"
        if row.get("seq") != self._seq + 1:
            return (
                f"record {row.get('seq')} stands where {self._seq + 1} belongs: "
                "records were dropped, moved or inserted"
            )
        return "it follows another record than the one before it"


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the chain cannot be followed further, by the line's place in what was given."""

    index: int
    why: str
    is_foreign: bool = False
    """The line is whole and fits the chain, but is known to have been another one."""


def follow_past(chain: Chain, lines: Sequence[bytes], marks: deque[Link]) -> Stop | None:
    """Follow lines, and hold the chain against what is known of it from elsewhere.

    Args:
        chain: where it stands.
        lines: what comes next.
        marks: records that are known to have been there, in order; those that are passed go.
    """
    begin = 0
    while begin < len(lines):
        while marks and marks[0].seq <= chain.link.seq:
            marks.popleft()
        end = len(lines)
        if marks:
            end = min(end, begin + marks[0].seq - chain.link.seq)
        bad = chain.follow(lines[begin:end])
        if bad is not None:
            return Stop(begin + bad, chain.why(lines[begin + bad]))
        if marks and marks[0].seq == chain.link.seq and marks[0].hash != chain.link.hash:
            return Stop(end - 1, f"record {chain.link.seq} is not the one that was written", True)
        begin = end
    return None


def read_first(line: bytes) -> First:
    """Return what a segment's first record says.

    Raises:
        ValueError: it is no record.
    """
    row = _row(line)
    if row is None or not isinstance(row.get("seq"), int) or not isinstance(row.get("prev"), str):
        raise ValueError("this is not a record")
    if len(row["prev"]) != _HEX or not row["prev"].isascii():
        raise ValueError("this is not a record")
    is_override = row.get("ev") == Event.RECOVER and row.get("code") == OVERRIDE
    return First(row["seq"], row["prev"], str(row.get("key", "")), is_override)


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", row) if isinstance(row, dict) else None
