"""The gateway's token buckets, kept in Redis hashes as the real ones are (fact 22)."""

import math
import threading
import time

from demo.resp import Redis


class Limiter:
    """One bucket per client: `rate_limit:<ip>` {tokens, last_refill_time}, kept for an hour."""

    def __init__(self, redis: Redis, capacity: float, refill_per_s: float) -> None:
        self._redis = redis
        self._capacity = capacity
        self._refill_per_s = refill_per_s
        self._lock = threading.Lock()

    def take(self, client: str) -> int:
        """Take one token; return 0, or in how many seconds there will be one."""
        key = f"rate_limit:{client}"
        with self._lock:
            fields = self._redis.mapping("HGETALL", key)
            moment = int(time.time())
            tokens = float(fields.get("tokens", self._capacity))
            since = moment - int(fields.get("last_refill_time", moment))
            tokens = min(self._capacity, tokens + since * self._refill_per_s)
            wait_s = 0 if tokens >= 1 else math.ceil((1 - tokens) / self._refill_per_s)
            left = tokens - 1 if wait_s == 0 else tokens
            self._redis.call("HSET", key, "tokens", repr(left), "last_refill_time", moment)
            self._redis.call("EXPIRE", key, 3600)
            return wait_s
