"""Keys are counted once, in little memory while they are few and in bounded memory beyond."""

import tracemalloc

from core.redis.seen import Seen

MANY = 30_000
"""More than are kept as hashes."""


def key(number: int) -> bytes:
    return b"ratelimit:%d" % number


def test_a_key_is_new_once_however_many_there_are() -> None:
    seen = Seen()
    assert all(seen.add(key(number)) for number in range(MANY))
    assert not any(seen.add(key(number)) for number in range(MANY))
    assert seen.count == MANY


def test_a_pass_over_few_keys_takes_no_megabytes() -> None:
    tracemalloc.start()
    try:
        seen = Seen()
        for number in range(1000):
            seen.add(key(number))
        size_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen.count == 1000
    assert size_bytes < 1_000_000
