"""Takes in what another tool wrote into a file that was replaced under its hands. Pure.

Keys that it added come along, and so does what it switched off. What it took away or switched on
does not: its copy may be older than what it was compared with.
"""

import copy

from core.errors import ClientDenied
from core.keys.store.fields import Fields
from core.keys.store.shapes import (
    Record,
    Shape,
    Unrecognised,
    parse,
    recognise,
    style_of,
    write,
)


def merged(base: bytes, orphan: bytes, live: bytes, tiers: tuple[str, ...] = ()) -> bytes:
    """Return the bytes that live with what `orphan` has gained since it was `base`.

    Raises:
        ClientGarbled: one of them cannot be read.
        ClientDenied: one of them is not written to.
    """
    was, has, now = (_shape(data, tiers) for data in (base, orphan, live))
    old = {one.identity: one for one in was.all_records}
    ours = {one.identity: one for one in now.all_records}
    is_changed = False
    for record in has.all_records:
        if record.identity not in old and record.identity not in ours:
            _add(now, record)
            is_changed = True
        elif _was_switched_off(record, old.get(record.identity), ours.get(record.identity)):
            now.set_active(ours[record.identity], False)
            is_changed = True
    return write(now.tree, style_of(live)) if is_changed else live


def _shape(data: bytes, tiers: tuple[str, ...]) -> Shape:
    shape = recognise(parse(data), tiers)
    if isinstance(shape, Unrecognised):
        raise ClientDenied(f"what another tool wrote is not taken in: {shape.why}")
    return shape


def _was_switched_off(record: Record, before: Record | None, live: Record | None) -> bool:
    if before is None or live is None:
        return False
    return before.is_active and not record.is_active and live.is_active


def _add(shape: Shape, record: Record) -> None:
    """Add another file's record with exactly its fields."""
    fields: Fields = copy.deepcopy(record.fields)
    if isinstance(shape.holder, dict) and record.tier is None:
        shape.holder[record.identity] = fields
    elif isinstance(shape.holder, list):
        shape.holder.append(fields)
    else:
        raise ClientDenied("a key of another tool cannot be added to this shape")
    shape.add(record)
