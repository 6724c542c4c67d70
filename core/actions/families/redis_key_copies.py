"""Copies of keys in an action's folder: made in slices, read back for the way back. Bounded."""

import struct
from collections.abc import Iterator, Sequence

from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.redis_key_values import KeyCopy, KeySight
from core.clients.acting.redis_keys import KeyControl
from core.errors import ActionError, StepFailedError
from core.model.redis_key import KeyName
from core.model.text import clean

SLICE = 100
"""Keys in one conversation."""
MOST_BYTES = 256 * 1024 * 1024
"""Of all that is copied for one action."""
MOST_KEY_BYTES = 16 * 1024 * 1024
"""Whoever copies a larger value holds the server up."""
_PART_BYTES = 8 * 1024 * 1024
_HEAD = struct.Struct(">IqI")
"""Bytes of the name, when it expires (ms by the server's clock; -1: never), bytes of the value."""


def keys_of(ports: Ports) -> KeyControl:
    """Return the port for keys and settings.

    Raises:
        ActionError: there is none.
    """
    if ports.redis_keys is None:
        raise ActionError("Redis cannot be told anything from here")
    return ports.redis_keys


def slices(keys: Sequence[KeyName]) -> Iterator[Sequence[KeyName]]:
    """Return keys in slices that one conversation takes."""
    for at in range(0, len(keys), SLICE):
        yield keys[at : at + SLICE]


def too_large(sights: Sequence[KeySight]) -> KeySight | None:
    """Return a key whose value is too large to be copied; None: there is none."""
    return next((one for one in sights if (one.size_bytes or 0) > MOST_KEY_BYTES), None)


async def keep_copies(
    ports: Ports,
    work: Work,
    server: str,
    keys: Sequence[KeyName],
    database: int | None = None,
    name: str = "keys",
) -> int:
    """Copy keys, with when they expire, into the action's folder; return how many were there.

    Raises:
        StepFailedError: there is more than is copied, or the folder does not take it.
        ClientError: the server cannot be asked.
    """
    control = keys_of(ports)
    part: list[bytes] = []
    number = count = part_bytes = all_bytes = 0
    for some in slices(keys):
        large = too_large(await control.kinds(server, some, database))
        if large is not None:
            raise StepFailedError(
                f"{large.key.shown} takes {large.size_bytes} bytes: too large to be copied first"
            )
        for copy in await control.copies(server, some, database):
            record = pack(copy)
            part.append(record)
            count, part_bytes = count + 1, part_bytes + len(record)
        if part_bytes >= _PART_BYTES:
            work.keep(f"{name}.{number:04}", b"".join(part))
            number, all_bytes, part_bytes = number + 1, all_bytes + part_bytes, 0
            part.clear()
        if all_bytes + part_bytes > MOST_BYTES:
            raise StepFailedError(f"there is more than {MOST_BYTES} bytes to copy")
    work.keep(f"{name}.{number:04}", b"".join(part))
    return count


def kept_copies(work: Work, name: str = "keys") -> Iterator[tuple[KeyCopy, ...]]:
    """Return what was copied, one part at a time.

    Raises:
        StepFailedError: a part is not what was kept.
    """
    number = 0
    while work.has(part := f"{name}.{number:04}"):
        yield tuple(unpack(work.kept(part)))
        number += 1


def pack(copy: KeyCopy) -> bytes:
    """Return a copy as it is stored."""
    expires = -1 if copy.expires_at_ms is None else copy.expires_at_ms
    return _HEAD.pack(len(copy.key.raw), expires, len(copy.data)) + copy.key.raw + copy.data


def unpack(data: bytes) -> Iterator[KeyCopy]:
    """Return stored copies.

    Raises:
        StepFailedError: these are none.
    """
    at = 0
    while at < len(data):
        if len(data) < at + _HEAD.size:
            raise StepFailedError("the copy of the keys is cut off")
        name_bytes, expires, value_bytes = _HEAD.unpack_from(data, at)
        begin, at = at + _HEAD.size, at + _HEAD.size + name_bytes + value_bytes
        if at > len(data):
            raise StepFailedError("the copy of the keys is cut off")
        yield KeyCopy(
            KeyName(data[begin : begin + name_bytes]),
            data[begin + name_bytes : at],
            None if expires < 0 else expires,
        )


def told_keys(keys: Sequence[KeyName], most: int = 3) -> str:
    """Return `a, b and 7 more`."""
    named = ", ".join(clean(key.spelled, 80) for key in keys[:most])
    return f"{named} and {len(keys) - most} more" if len(keys) > most else named
