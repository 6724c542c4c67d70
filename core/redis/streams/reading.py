"""Reads one stream with its groups in few commands; remembers what is read rarely."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from core.clients.keyspace.port import (
    ConsumerFacts,
    GroupFacts,
    Keyspace,
    PendingFacts,
    StreamFacts,
)
from core.clients.redis_errors import RedisSaid
from core.model.redis_key import KeyName
from core.model.redis_spec import StreamSpec
from core.model.stream import Group, Presence, Stream, StreamSample
from core.model.text import EMPTY, clean
from core.model.verdict import Verdict
from core.redis.streams.history import rate_in_per_s, rate_per_s
from core.redis.streams.judging import consumer_of, group_verdict, stream_verdict
from core.redis.streams.lag import Lag
from core.redis.streams.lag_reading import read_lag
from core.redis.streams.memory import GroupMemory, Moment, StreamMemory
from core.redis.streams.words import age_s

SHOWN_CONSUMERS = 1000
_SHOWN_GROUPS = 50
"""Groups read at each look, those with the most pending entries first."""
_FEW_CONSUMERS = 200
"""So many are read at each look. The server sends all there are, and nobody else is served."""
_RARELY_S = 60.0


class StreamReader:
    """Reads streams of one server.

    Args:
        keyspace: The server.
        server: `system/service`.
        moment: Of this look.
    """

    def __init__(self, keyspace: Keyspace, server: str, moment: Moment) -> None:
        self._keyspace, self._server, self._moment = keyspace, server, moment

    async def read(
        self, key: KeyName, spec: StreamSpec, memory: StreamMemory, *, is_dead_letters: bool
    ) -> Stream:
        """Return a stream as it is now.

        Raises:
            RedisSaid: it is gone, or of another type, or we may not.
            ClientError: the server cannot be asked.
        """
        facts = await self._keyspace.stream(key)
        told = await self._keyspace.groups(key) if facts.group_count else ()
        told = tuple(sorted(told, key=lambda one: -one.pending))
        memory.groups = {
            one.name.raw: memory.groups.get(one.name.raw) or GroupMemory() for one in told
        }
        found = [
            await self._group(key, facts, one, spec, memory.groups[one.name.raw])
            for one in told[:_SHOWN_GROUPS]
        ]
        groups = [_unjudged(one) if is_dead_letters else one for one in found if one is not None]
        memory.history.append(self._sample(facts, groups))
        verdict, reason = stream_verdict(
            groups, facts.length, spec, is_dead_letters=is_dead_letters
        )
        out = [rate_per_s(tuple(one.reads)) for one in memory.groups.values()]
        return Stream(
            server=self._server,
            key=key,
            presence=Presence.BOTH if spec.keys else Presence.UNNAMED,
            spec_name=spec.name,
            is_dead_letters=is_dead_letters,
            length=facts.length,
            first=facts.first,
            last=facts.last,
            first_age_s=age_s(facts.first, self._moment.now_s),
            last_age_s=age_s(facts.last, self._moment.now_s),
            rate_in_per_s=rate_in_per_s(memory.history),
            rate_out_per_s=max((one for one in out if one is not None), default=None),
            groups=tuple(groups),
            group_count=facts.group_count,
            history=tuple(memory.history),
            verdict=verdict,
            reason=reason,
            memory_bytes=memory.memory_bytes,
            note=clean(spec.note),
            service=spec.service,
        )

    async def _group(
        self,
        key: KeyName,
        facts: StreamFacts,
        told: GroupFacts,
        spec: StreamSpec,
        memory: GroupMemory,
    ) -> Group | None:
        """Return a group; None: it was destroyed since it was listed."""
        try:
            lag = await read_lag(self._keyspace, key, facts, told, memory, self._moment)
            pending = await self._keyspace.pending(key, told.name) if told.pending else ()
            consumers = await self._consumers(key, told, memory)
        except RedisSaid as error:
            if error.code == "NOGROUP":
                return None
            raise
        if told.entries_read is not None:
            memory.reads.append((self._moment.at_s, told.entries_read))
        group = self._as_group(told, lag, pending, consumers, spec, memory)
        verdict, reason = group_verdict(group, spec)
        return replace(group, verdict=verdict, reason=reason)

    def _as_group(
        self,
        told: GroupFacts,
        lag: Lag,
        pending: tuple[PendingFacts, ...],
        consumers: tuple[ConsumerFacts, ...],
        spec: StreamSpec,
        memory: GroupMemory,
    ) -> Group:
        tells_inactive = any(one.inactive_s is not None for one in consumers)
        stuck = Counter(one.consumer.raw for one in pending if one.idle_s > spec.stuck_after_s)
        return Group(
            name=told.name,
            consumers=tuple(
                consumer_of(
                    one,
                    stuck[one.name.raw],
                    lag.entries,
                    spec.stuck_after_s,
                    tells_inactive=self._moment.tells_inactive or tells_inactive,
                )
                for one in consumers
            ),
            consumer_count=told.consumer_count,
            pending=told.pending,
            last_delivered=told.last_delivered,
            entries_read=told.entries_read,
            lag_entries=lag.entries,
            is_lag_counted=lag.is_counted,
            lag_s=lag.seconds,
            lag_reason=lag.reason,
            oldest_pending=pending[0].id if pending else None,
            oldest_idle_s=pending[0].idle_s if pending else None,
            verdict=Verdict.UNKNOWN,
            reason=EMPTY,
            is_configured=not spec.groups or told.name.spelled in spec.groups,
            pending_examined=len(pending),
            stuck_count=stuck.total(),
            max_deliveries=max((one.deliveries for one in pending), default=0),
            consumers_age_s=self._moment.at_s - (memory.consumers_at_s or self._moment.at_s),
        )

    async def _consumers(
        self, key: KeyName, told: GroupFacts, memory: GroupMemory
    ) -> tuple[ConsumerFacts, ...]:
        """Return the first thousand consumers; of many what was read up to a minute ago."""
        at_s = memory.consumers_at_s
        is_due = at_s is None or told.consumer_count <= _FEW_CONSUMERS
        if is_due or self._moment.at_s - (at_s or 0.0) >= _RARELY_S:
            found = await self._keyspace.consumers(key, told.name) if told.consumer_count else ()
            ordered = sorted(found, key=lambda one: (-one.pending, one.idle_s))
            memory.consumers = tuple(ordered[:SHOWN_CONSUMERS])
            memory.consumers_at_s = self._moment.at_s
        return memory.consumers

    def _sample(self, facts: StreamFacts, groups: Sequence[Group]) -> StreamSample:
        lags = [one.lag_entries for one in groups if one.lag_entries is not None]
        return StreamSample(
            at_s=self._moment.at_s,
            length=facts.length,
            entries_added=facts.entries_added,
            lag_entries=max(lags, default=None),
            pending=sum(one.pending for one in groups),
        )


def _unjudged(group: Group) -> Group:
    """Nobody has to read dead letters: a group of theirs is never late."""
    return replace(group, verdict=Verdict.OK, reason=EMPTY)
