"""Changes to stores of keys in Redis, written beside whoever else writes there."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from core.actions.families.key_redis_look import Place, RedisStage, control_of, read_or_gone
from core.actions.families.services_draft import warning
from core.actions.ports import Ports
from core.clients.acting.redis_key_values import Swap
from core.errors import StepFailedError
from core.keys.store.redis_shapes import RedisStore
from core.model.action import Preflight
from core.model.redis_key import KeyName

MOST_SWAPS, _MOST_SENT_BYTES = 500, 4 * 1024 * 1024
"""Of one script: while it runs the server serves nobody else."""
_MOST_COMPARED = 100_000
"""Items of a list, each looked at for each value: some ten milliseconds of one script."""
_TRIES, _AGAIN_S = 20, 0.05


class Change(Protocol):
    """What says what is to be written."""

    def swaps(self, store: RedisStore) -> tuple[Swap, ...]:
        """Return it, for a store as it is now; nothing: it is as it shall be."""
        ...


async def make(ports: Ports, place: Place, run_id: str, change: Change, *, is_cluster: bool) -> int:
    """Make a change; return how many values were written.

    In one moment where it is small, else in parts, each in one moment and each record whole; then
    looked at again. Whoever was faster is not written over: the change is made again on what is
    there then. What they take away of ours is not written again.

    Raises:
        StepFailedError: another program was faster every time.
    """
    control, written = control_of(ports), set[object]()
    for _ in range(_TRIES):
        store = (await read_or_gone(ports, place)).store
        left = [one for one in change.swaps(store) if _place_of(one) not in written]
        if not left:
            return len(written)
        is_beaten = False
        for one in parts(left, len(store.rows) + len(left), is_cluster=is_cluster):
            if await control.swap(place.server, run_id, one):
                written |= set(map(_place_of, one))
            else:
                is_beaten = True
        if is_beaten:
            await ports.clock.sleep(_AGAIN_S)
    raise StepFailedError("another program keeps writing these keys")


def told_parts(stage: RedisStage, swaps: Sequence[Swap]) -> tuple[Preflight, ...]:
    """Return a warning where a change is not made in one moment."""
    is_cluster = stage.standing.is_cluster
    length = len(stage.found.store.rows) + len(swaps)
    count = sum(1 for _ in parts(swaps, length, is_cluster=is_cluster))
    if count <= 1:
        return ()
    if is_cluster:
        text = "in a cluster each Redis key is written by itself, one after the other"
        return (warning("cluster", text),)
    text = f"{len(swaps)} values are written in {count} parts, one after the other"
    return (warning("parts", f"{text}: the server goes on answering others in between"),)


def _place_of(swap: Swap) -> object:
    """Return what is written once: a text, a field of a hash, an item of a list."""
    return (swap.key, swap.field, (swap.old, swap.new) if swap.kind == "list" else None)


def parts(swaps: Sequence[Swap], length: int, *, is_cluster: bool) -> Iterator[tuple[Swap, ...]]:
    """Yield what goes out together: never a part of one record, in a cluster one Redis key.

    `length`: items that a list may have meanwhile, at least one.
    """
    by_key: dict[KeyName, list[Swap]] = {}
    for one in swaps:
        by_key.setdefault(one.key, []).append(one)
    part: list[Swap] = []
    for group in by_key.values():
        is_list = group[0].kind == "list"
        most = min(MOST_SWAPS, max(1, _MOST_COMPARED // length)) if is_list else MOST_SWAPS
        # A larger group is of a hash or a list of which each value is a record.
        for at in range(0, len(group), most):
            some = group[at : at + most]
            size = sum(len(one.new or b"") + len(one.old or b"") for one in (*part, *some))
            is_full = len(part) + len(some) > most or size > _MOST_SENT_BYTES
            if part and (is_cluster or is_full):
                yield tuple(part)
                part = []
            part += some
    if part:
        yield tuple(part)
