"""Redis' glob patterns as we match them, beside what a server matches."""

from pathlib import Path

import pytest

from core.redis.globs import is_pattern, matches, star_parts
from tests.real.servers import own_redis, redis_binary

PATTERNS = [
    "*", "a*", "*a", "*a*", "a*b*c", "**a**", "?", "a?c", "??*", "[abc]x", "[^abc]x", "[a-c]x",
    "a\\*b", "a[", "[]", "a.b", "a+b", "rl:*:x*", "*:*:*", "plain", "", "h[ae]llo", "\\a", "a\\",
]  # fmt: skip
KEYS = [
    "a", "b", "ab", "ba", "abc", "axbxc", "abcabc", "aXbYcZ", "bx", "dx", "^x", "a*b", "a[", "a.b",
    "aab", "a+b", "rl:1:x", "rl:1:2:xx", "::", ":::", "plain", "hello", "hallo", "hillo", "a\\",
    "line\nbreak", "acb", "aabbcc",
]  # fmt: skip


@pytest.mark.real("redis")
async def test_what_a_server_matches_we_match(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path) as server:
        for key in KEYS:
            await server.tell("SET", key, "1")
        for pattern in PATTERNS:
            answer = await server.tell("EVAL", "return #redis.call('KEYS', ARGV[1])", "0", pattern)
            ours = [key for key in KEYS if matches(pattern, key.encode())]
            if pattern in {"[]", "a["}:  # what is no set: servers differ between versions
                continue
            assert answer == b":%d\r\n" % len(ours), (pattern, ours)


def test_stars_tell_what_they_stand_for() -> None:
    assert star_parts("rl:*", b"rl:2001:db8::12") == (b"2001:db8::12",)
    assert star_parts("*rate-limit*", b"api:rate-limit:x") == (b"api:", b":x")
    assert star_parts("rl:*:*", b"rl:a:b:c") == (b"a", b"b:c")
    assert star_parts("rl:*", b"other") is None
    assert is_pattern("a*")
    assert not is_pattern("a:b")


def test_many_stars_do_not_make_a_hostile_key_slow() -> None:
    # Tried in every combination this would take longer than anybody waits.
    assert not matches("*:*:*:*:*:*:*:*:tokens", b":" * 1024)
    assert not matches("*a*a*a*a*a*a*b", b"a" * 1024)
    assert matches("*a*a*a*a*a*a*b", b"a" * 512 + b"b")
