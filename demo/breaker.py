"""The gateway's circuit breaker, kept in a Redis hash as the real one keeps it (fact 21)."""

import threading
import time
from collections.abc import Callable

from demo.resp import Redis

KEY = "circuit_breaker:upstream_service"

OnChange = Callable[[str], None]


class Breaker:
    """CLOSED → OPEN after enough failures → HALF_OPEN after the timeout → CLOSED or OPEN.

    An open breaker changes only when a request comes: nothing looks at the clock in between.
    """

    def __init__(
        self, redis: Redis, threshold: int, reset_s: int, successes: int, on_change: OnChange
    ) -> None:
        self._redis = redis
        self._threshold = threshold
        self._reset_s = reset_s
        self._successes = successes
        self._on_change = on_change
        self._lock = threading.Lock()

    def allows(self) -> tuple[bool, str]:
        """Return whether a request may pass, and the state that says so."""
        with self._lock:
            fields = self._read()
            state = fields["state"]
            if state != "OPEN":
                return True, state
            if time.time() - int(fields["last_state_change_time"]) < self._reset_s:
                return False, state
            self._turn("HALF_OPEN")
            return True, "HALF_OPEN"

    def succeeded(self) -> None:
        """Count a success."""
        with self._lock:
            fields = self._read()
            if fields["state"] == "HALF_OPEN":
                count = int(fields["success_count"]) + 1
                if count >= self._successes:
                    self._turn("CLOSED")
                else:
                    self._redis.call("HSET", KEY, "success_count", count)
            elif fields["failure_count"] != "0":
                self._redis.call("HSET", KEY, "failure_count", 0)

    def failed(self) -> None:
        """Count a failure."""
        with self._lock:
            fields = self._read()
            count = int(fields["failure_count"]) + 1
            if fields["state"] == "HALF_OPEN" or count >= self._threshold:
                self._turn("OPEN")
            else:
                self._redis.call("HSET", KEY, "failure_count", count)

    def _read(self) -> dict[str, str]:
        fields = self._redis.mapping("HGETALL", KEY)
        if fields:
            return fields
        self._write("CLOSED")
        return self._redis.mapping("HGETALL", KEY)

    def _turn(self, state: str) -> None:
        self._write(state)
        self._on_change(state)

    def _write(self, state: str) -> None:
        write_state(self._redis, state)


def write_state(redis: Redis, state: str) -> None:
    """Write a fresh record of one state; an OPEN one has its failures counted from 0 again."""
    moment = int(time.time())
    fields = ("state", state, "failure_count", 0, "success_count", 0)
    redis.call("HSET", KEY, *fields, "last_state_change_time", moment)
