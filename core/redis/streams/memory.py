"""What is kept of streams from look to look, so that rates can be told and little is read."""

from collections import deque
from dataclasses import dataclass, field

from core.clients.keyspace.port import ConsumerFacts
from core.model.stream import StreamSample
from core.redis.streams.history import SAMPLES


@dataclass(frozen=True, slots=True)
class Moment:
    """When a look is made."""

    now_s: float
    """The server's clock."""
    at_s: float
    """Monotonic."""
    tells_inactive: bool
    """Whether the server is 7.2 or later."""


@dataclass(slots=True)
class GroupMemory:
    """What is kept of a group."""

    consumers: tuple[ConsumerFacts, ...] = ()
    consumers_at_s: float | None = None
    """Monotonic; None: never read."""
    count: int | None = None
    """Entries that waited when they were last counted."""
    counted_at_s: float = 0.0
    off: int = 0
    """By so many the server's lag is above what was counted."""
    reads: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=SAMPLES))


@dataclass(slots=True)
class StreamMemory:
    """What is kept of a stream."""

    history: deque[StreamSample] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    groups: dict[bytes, GroupMemory] = field(default_factory=dict[bytes, GroupMemory])
    memory_bytes: int | None = None
