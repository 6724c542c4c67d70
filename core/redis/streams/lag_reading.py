"""Finds how far a group is behind, in few commands: what is much is counted rarely."""

from core.clients.keyspace.port import GroupFacts, Keyspace, StreamFacts
from core.model.redis_key import KeyName
from core.redis.streams.lag import (
    CHECK_LIMIT,
    COUNT_LIMIT,
    Lag,
    Waiting,
    lag_of,
    needs_count,
    seen_count,
)
from core.redis.streams.memory import GroupMemory, Moment

_AGAIN_S = 30.0
"""What is much, or only checked, is counted so often."""


async def read_lag(
    keyspace: Keyspace,
    key: KeyName,
    facts: StreamFacts,
    told: GroupFacts,
    memory: GroupMemory,
    moment: Moment,
) -> Lag:
    """Return how far a group is behind; what disagrees is looked at twice before it is said.

    Entries come and go between two commands. A server's figure is called wrong only when it
    differs from ours by the same number both times.

    Raises:
        ClientError: the server cannot be asked, or the stream is gone.
    """
    waiting = await _waiting(keyspace, key, facts, told, memory, moment)
    off = _difference(facts, told, waiting)
    if off and off != memory.off:
        facts = await keyspace.stream(key)
        told = next((one for one in await keyspace.groups(key) if one.name == told.name), told)
        memory.count = None
        waiting = await _waiting(keyspace, key, facts, told, memory, moment)
        if _difference(facts, told, waiting) != off:
            off, waiting = 0, Waiting(waiting.first)
    memory.off = off
    return lag_of(facts, told, waiting, moment.now_s)


async def _waiting(
    keyspace: Keyspace,
    key: KeyName,
    facts: StreamFacts,
    told: GroupFacts,
    memory: GroupMemory,
    moment: Moment,
) -> Waiting:
    if facts.last is None or told.last_delivered >= facts.last_generated:
        return Waiting(None)
    found = await keyspace.entries(key, told.last_delivered, 1)
    if not found:
        return Waiting(None)
    first = found[0].id
    if not needs_count(facts, told, first):
        return Waiting(first)
    is_fresh = memory.count is not None and moment.at_s - memory.counted_at_s < _AGAIN_S
    if is_fresh and told.lag is not None:
        return Waiting(first, told.lag - memory.off)
    if not (is_fresh and (memory.count or 0) > CHECK_LIMIT):
        limit = COUNT_LIMIT if told.lag is None else CHECK_LIMIT * 2
        memory.count = await keyspace.count_after(key, told.last_delivered, limit)
        memory.counted_at_s = moment.at_s
        is_cut = told.lag is not None and memory.count >= limit
        return Waiting(first, None if is_cut else memory.count)
    return Waiting(first, memory.count)


def _difference(facts: StreamFacts, told: GroupFacts, waiting: Waiting) -> int:
    """Return by how much the server's figure is above ours; 0 where either is not known."""
    seen = seen_count(facts, told, waiting)
    return 0 if told.lag is None or seen is None else told.lag - seen
