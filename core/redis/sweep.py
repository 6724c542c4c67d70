"""One pass over the keys of a server, in slices, that keeps those of some patterns.

The patterns are matched here, not by SCAN's MATCH: the server walks all its keys for every pattern
anyway, so that one walk serves all of them, and it is known how far the walk has come. What it
costs is names on the wire, some 20 kB a slice.
"""

from collections.abc import Callable, Sequence

from core.clients.clock import Clock
from core.clients.keyspace.port import SCAN_START, Keyspace
from core.model.redis_key import KeyName
from core.model.stream import Progress
from core.model.text import SafeText
from core.redis.globs import matches
from core.redis.seen import Seen

_UNTOLD = SafeText("more records than can be told apart")


class Sweep:
    """Where a pass stands.

    Args:
        patterns: Keys or glob patterns; a key counts for the first that it is of.
        clock: For how long it takes.
        is_wanted: Which of the keys count, beside the patterns.
    """

    def __init__(
        self,
        patterns: Sequence[str],
        clock: Clock,
        is_wanted: Callable[[bytes], bool] = lambda _: True,
    ) -> None:
        self._patterns, self._clock, self._is_wanted = tuple(patterns), clock, is_wanted
        self._place = SCAN_START
        self._seen: Seen | None = None
        self._is_exact = True
        self._begun_s = clock.monotonic()
        self._ended_s: float | None = None
        self.examined = 0
        """Keys of any kind."""
        self.by_pattern = dict.fromkeys(self._patterns, 0)
        """Different keys of each pattern."""

    @property
    def is_done(self) -> bool:
        """Whether every key was come by."""
        return self._place.is_done

    @property
    def counted(self) -> int:
        """Different keys of any pattern."""
        return sum(self.by_pattern.values())

    @property
    def elapsed_s(self) -> float:
        """How long it has taken, or took."""
        now_s = self._clock.monotonic() if self._ended_s is None else self._ended_s
        return now_s - self._begun_s

    def progress(self, total: int | None, *, is_complete: bool) -> Progress:
        """Return how far it has come; `total` is DBSIZE, which moves while we walk."""
        whole = None if total is None else max(total, self.examined)
        is_exact = self._is_exact if self._seen is None else self._seen.is_exact
        return Progress(
            self.examined,
            self.examined if is_complete else whole,
            is_complete and is_exact,
            self.elapsed_s,
            SafeText("") if is_exact else _UNTOLD,
        )

    async def step(self, keyspace: Keyspace) -> tuple[KeyName, ...]:
        """Walk one slice on; return the keys in it that are of a pattern and new."""
        self._place, keys = await keyspace.scan(self._place)
        self.examined += len(keys)
        found = tuple(key for key in keys if self._note(key.raw))
        if self.is_done:
            self._ended_s = self._clock.monotonic()
            self._let_go()
        return found

    def _let_go(self) -> None:
        """Forget which keys were seen: a sweep is asked long after its pass, and that is much."""
        if self._seen is not None:
            self._is_exact, self._seen = self._seen.is_exact, None

    def _note(self, raw: bytes) -> bool:
        pattern = next((one for one in self._patterns if matches(one, raw)), None)
        if pattern is None or not self._is_wanted(raw):
            return False
        self._seen = self._seen or Seen()
        if not self._seen.add(raw):
            return False
        self.by_pattern[pattern] += 1
        return True
