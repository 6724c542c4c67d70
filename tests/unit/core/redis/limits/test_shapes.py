"""Every way in which limiters keep their records, and what is said of each."""

import pytest

from core.clients.keyspace.port import KeyContent, KeyLook, Value
from core.model.limit import LimitRow, LimitShape
from core.model.redis_key import KeyName
from core.model.redis_spec import LimitSpec
from core.redis.limits.shapes import limit_rows

NOW_S = 1773480413.5
SPEC = LimitSpec("clients", ("documented:*", "rate_limit:*"), capacity=1000, refill_per_s=100)


def a_value(data: str | bytes) -> Value:
    raw = data.encode() if isinstance(data, str) else data
    return Value(raw, len(raw))


def a_hash(key: str, ttl_s: float | None = 3600.0, **fields: str | bytes) -> KeyContent:
    values = {name.encode(): a_value(data) for name, data in fields.items()}
    return KeyContent(KeyName(key.encode()), KeyLook("hash", ttl_s), fields=values)


def a_string(key: str, data: str | bytes, ttl_s: float | None = 42.0) -> KeyContent:
    return KeyContent(KeyName(key.encode()), KeyLook("string", ttl_s), text=a_value(data))


def moments(
    kind: str, key: str, *stamps: float | str, length: int | None = None, ttl_s: float | None = 60.0
) -> KeyContent:
    if kind == "zset":
        members = tuple((f"{at}".encode(), float(one)) for at, one in enumerate(stamps))
    else:
        members = tuple((f"{one}".encode(), 0.0) for one in stamps)
    look = KeyLook(kind, ttl_s)
    count = len(stamps) if length is None else length
    return KeyContent(KeyName(key.encode()), look, members=members, length=count)


def row_of(*contents: KeyContent, spec: LimitSpec = SPEC) -> LimitRow:
    (row,) = limit_rows(contents, (spec,), NOW_S, "shop/redis")
    return row


@pytest.mark.parametrize(
    ("name", "stamp"),
    [
        ("last_refill_time", "1773480413"),
        ("last_refill", "1773480413"),
        ("last_refill_ts", "1773480413.5"),
        ("last", "1773480413"),
        ("last_ts", "1773480413.5"),
        ("last_refill_ms", "1773480413500"),
        ("last_fill_time", "1773480413500000"),
        ("lastRefill", "1773480413500"),
        ("lastRefillTime", "1773480413.50"),
        ("last_refill_at", "2026-03-14T09:26:53.5Z"),
        ("lastRefilled", "2026-03-14T10:26:53.500+01:00"),
        ("ts", "1773480413500000000"),
        ("updatedAt", "2026-03-14 09:26:53.5"),
    ],
)
def test_a_bucket_is_known_by_its_tokens_and_the_time_of_its_last_refill(
    name: str, stamp: str
) -> None:
    row = row_of(a_hash("rate_limit:203.0.113.36", tokens="0.30000000000000004", **{name: stamp}))
    assert row.shape is LimitShape.BUCKET
    assert row.problem == ""
    assert row.tokens_now == pytest.approx(0.3)
    assert row.tokens_stored == "0.30000000000000004"
    assert row.last_seen_age_s == pytest.approx(0, abs=0.51)
    assert (row.is_limited, row.was_exhausted) == (True, True)
    assert row.retry_after_s is not None
    assert 0 < row.retry_after_s <= 1


def test_tokens_are_refilled_to_the_present_and_never_above_the_capacity() -> None:
    row = row_of(a_hash("rate_limit:a", tokens="0.0", last_refill_time="1773480411"))
    assert (row.tokens_now, row.is_limited, row.was_exhausted) == (200.0, False, True)
    assert row.retry_after_s == 0
    row = row_of(a_hash("rate_limit:a", tokens="0", last_refill="1773480000"))
    assert row.tokens_now == 1000
    row = row_of(a_hash("rate_limit:a", tokens="5000", last_refill="1773480413"))
    assert row.tokens_now == 1000


def test_the_terms_in_the_record_are_nearer_than_ours() -> None:
    row = row_of(
        a_hash("rl:r", tokens="40", last_fill_time="1773480413000000", rate="50", capacity="3000")
    )
    assert (row.capacity, row.refill_per_s, row.tokens_now) == (3000, 50, pytest.approx(65))
    row = row_of(
        a_hash(
            "rate_limit:r", tokens="2", lastRefill="1773480403500", maxTokens="5", refillRate="1"
        )
    )
    assert (row.capacity, row.tokens_now) == (5, 5)


def test_without_terms_what_is_not_known_is_not_said() -> None:
    bare = LimitSpec("clients", ("rate_limit:*",))
    row = row_of(a_hash("rate_limit:a", tokens="0.5", last="1773480400"), spec=bare)
    assert (row.tokens_now, row.is_limited, row.retry_after_s) == (None, None, None)
    assert row.was_exhausted is True
    assert "refill" in row.note
    row = row_of(a_hash("rate_limit:a", tokens="9", last="1773480400"), spec=bare)
    assert (row.tokens_now, row.is_limited, row.retry_after_s) == (None, False, 0)
    row = row_of(a_string("rate_limit:a", "101"), spec=bare)
    assert (row.tokens_now, row.is_limited, row.tokens_stored) == (None, None, "101")
    assert "limit is not known" in row.note


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"tokens": "abc", "last": ""}, "tokens: not a number: abc; last: empty"),
        ({"tokens": "", "last_refill": "1773480413"}, "tokens: empty"),
        ({"tokens": "NaN", "last_refill": "1773480413"}, "tokens: not a number: NaN"),
        ({"tokens": "1e400", "last_refill": "1773480413"}, "tokens: too large: 1e400"),
        ({"tokens": "inf", "last_refill": "1773480413"}, "tokens: not a number: inf"),
        ({"tokens": "-1", "last_refill": "1773480413"}, "tokens: negative: -1"),
        ({"tokens": "0x10", "last_refill": "1773480413"}, "tokens: not a number: 0x10"),
        ({"tokens": "1_0", "last_refill": "1773480413"}, "tokens: not a number: 1_0"),
        ({"tokens": "٣", "last_refill": "1773480413"}, "tokens: not a number: ٣"),
        ({"tokens": "5"}, "the time of its last refill: missing"),
        ({"last_refill": "1773480413"}, "tokens: missing"),
        ({"tokens": "5", "last_refill": "12"}, "last_refill: not a time: 12"),
        ({"tokens": "5", "last_refill": "-5"}, "last_refill: negative: -5"),
        ({"tokens": "5", "ts": "2026-99-99T00:00"}, "ts: not a time: 2026-99-99T00:00"),
        ({"tokens": "1", "last": "1773481412"}, "stamped 998 s ahead of the server's clock"),
        ({"tokens": "1", "last": "1773480413", "rate": "fast"}, "rate: not a number: fast"),
    ],
)  # fmt: skip
def test_junk_is_named_and_never_a_zero(fields: dict[str, str], said: str) -> None:
    row = row_of(a_hash("rate_limit:bad", None, **fields))
    assert row.problem == said
    assert (row.tokens_now, row.is_limited, row.retry_after_s) == (None, None, None)


def test_a_counter_counts_up_to_its_limit_and_ends_with_its_key() -> None:
    spec = LimitSpec("hits", ("api:rate-limit:*",), capacity=100)
    row = row_of(a_string("api:rate-limit:203.0.113.36", "101", 37.0), spec=spec)
    assert (row.shape, row.tokens_now, row.is_limited) == (LimitShape.COUNTER, 0, True)
    assert (row.retry_after_s, row.was_exhausted, row.client) == (37, True, "203.0.113.36")
    row = row_of(a_string("api:rate-limit:203.0.113.36:29558006", "99"), spec=spec)
    assert (row.tokens_now, row.is_limited, row.client) == (1, False, "203.0.113.36")
    assert row_of(a_string("api:rate-limit:u", "100"), spec=spec).is_limited is True
    row = row_of(a_string("api:rate-limit:u", "100", None), spec=spec)
    assert (row.ttl_s, row.retry_after_s) == (None, None)
    assert "never expires" in row.note


@pytest.mark.parametrize("data", ["", "x", "-3", "1e400", "nan", "12 apples", "1.5", b"\xff\x00"])
def test_a_counter_that_is_no_number_is_invalid(data: str | bytes) -> None:
    row = row_of(a_string("rate_limit:u", data))
    assert row.problem.startswith("count: ")
    assert (row.tokens_now, row.is_limited) == (None, None)


def test_a_counter_may_be_a_hash_with_its_own_limit_and_end() -> None:
    row = row_of(a_hash("rate_limit:u", count="5", limit="5", resetAt="1773480423500"))
    assert (row.shape, row.is_limited, row.retry_after_s) == (LimitShape.COUNTER, True, 10)
    row = row_of(a_hash("rate_limit:u", hits="x", limit="5"))
    assert (row.problem, row.is_limited) == ("hits: not a number: x", None)
    row = row_of(a_hash("rate_limit:u", hits="1", reset="soon"))
    assert row.problem == "reset: not a time: soon"


def test_the_library_limits_says_its_limit_in_the_key() -> None:
    key = "LIMITS:LIMITER/203.0.113.36/api/10/1/minute"
    row = row_of(a_string(key, "10", 42.0))
    assert (row.capacity, row.tokens_now, row.is_limited) == (10, 0, True)
    assert (row.client, row.retry_after_s) == ("203.0.113.36", 42)
    row = row_of(a_string("LIMITS:LIMITER/2001:db8::12/a/b/5/2/hour", "2"))
    assert (row.capacity, row.client, row.is_limited) == (5, "2001:db8::12", False)
    assert row_of(a_string("LIMITS:LIMITER/alice/5/1/day", "2")).client == "alice"


def test_a_moving_window_is_a_list_of_moments() -> None:
    key = "LIMITS:LIMITER/mw/203.0.113.147/3/1/minute"
    row = row_of(moments("list", key, "1773480410.7", "1773480412.1"))
    assert (row.shape, row.client) == (LimitShape.MOVING_WINDOW, "203.0.113.147")
    assert (row.tokens_now, row.is_limited, row.capacity) == (1, False, 3)
    assert row.last_seen_age_s == pytest.approx(1.4)
    row = row_of(moments("list", key, "1773480412.1", "1773480410.7", "1773480400.5"))
    assert (row.tokens_now, row.is_limited) == (0, True)
    assert row.retry_after_s == pytest.approx(47)
    row = row_of(moments("list", key, "1773480412.1", "1773480300.5"))
    assert row.tokens_now == 2
    row = row_of(moments("list", key, "1773480412.1", "soon"))
    assert (row.problem, row.is_limited) == ("times: not a time", None)


def test_what_was_not_read_of_a_long_window_is_not_guessed() -> None:
    key = "LIMITS:LIMITER/u/100/1/minute"
    row = row_of(moments("list", key, "1773480412.1", "1773480300.5", length=100))
    assert (row.tokens_now, row.is_limited) == (None, None)
    row = row_of(moments("list", key, "1773480412.1", "1773480400.5", length=100))
    assert (row.tokens_now, row.is_limited) == (0, True)


def test_a_sliding_window_counts_the_earlier_one_by_its_share() -> None:
    now, before = "LIMITS:{LIMITER/u/10/1/minute}", "LIMITS:{LIMITER/u/10/1/minute}/-1"
    row = row_of(a_string(now, "4", 90.0), a_string(before, "8", 30.0))
    assert (row.shape, row.client) == (LimitShape.SLIDING_WINDOW, "u")
    assert (row.tokens_now, row.is_limited) == (2, False)
    assert [key.spelled for key in row.keys] == [now, before]
    row = row_of(a_string(now, "7", 90.0), a_string(before, "8", 30.0))
    assert (row.tokens_now, row.is_limited) == (0, True)
    row = row_of(a_string(now, "x", 90.0))
    assert (row.problem, row.tokens_now) == ("count: not a number: x", None)


def test_a_sorted_set_of_moments_is_a_sliding_window() -> None:
    spec = LimitSpec("z", ("rl:z:*",), capacity=2, refill_per_s=0.2)
    key = "rl:z:203.0.113.218"
    row = row_of(moments("zset", key, 1773480408000, 1773480412000), spec=spec)
    assert (row.shape, row.client) == (LimitShape.SLIDING_WINDOW, "203.0.113.218")
    assert (row.tokens_now, row.is_limited, row.retry_after_s) == (0, True, 4.5)
    assert row.last_seen_age_s == pytest.approx(1.5)
    row = row_of(moments("zset", key, 1773480402, 1773480412), spec=spec)
    assert (row.tokens_now, row.is_limited) == (1, False)
    row = row_of(moments("zset", key, 1773480412000))
    assert (row.capacity, row.is_limited) == (None, None)
    row = row_of(moments("zset", key, 1.5, float("inf")), spec=spec)
    assert row.problem == "times: not a time"


def test_split_keys_are_one_record() -> None:
    spec = LimitSpec("gateway", ("request_rate_limiter.*",), capacity=10, refill_per_s=1)
    tokens, time = "request_rate_limiter.{alice}.tokens", "request_rate_limiter.{alice}.timestamp"
    row = row_of(a_string(tokens, "0"), a_string(time, "1773480413"), spec=spec)
    assert (row.shape, row.client, row.is_limited) == (LimitShape.BUCKET, "alice", True)
    assert [key.spelled for key in row.keys] == [tokens, time]
    row = row_of(a_string(tokens, "4"), spec=spec)
    assert row.problem == "the time of its last refill: missing"
    row = row_of(a_string(time, "1773480413"), spec=spec)
    assert row.problem == "tokens: missing"


def test_json_text_is_read_as_a_hash() -> None:
    row = row_of(a_string("rate_limit:u", '{"tokens": 0.5, "lastRefill": 1773480413500}'))
    assert (row.shape, row.tokens_now, row.is_limited) == (LimitShape.BUCKET, 0.5, True)
    row = row_of(a_string("rate_limit:u", '{"tokens": 1e400, "lastRefill": null}'))
    assert (row.tokens_now, row.is_limited) == (None, None)
    assert row.problem.startswith("tokens: ")


@pytest.mark.parametrize("kind", ["set", "stream", "ReJSON-RL"])
def test_other_types_are_shown_raw(kind: str) -> None:
    row = row_of(KeyContent(KeyName(b"rate_limit:x"), KeyLook(kind, None), length=3))
    assert (row.shape, row.is_limited) == (LimitShape.UNKNOWN, None)
    assert kind in row.problem
    row = row_of(a_hash("rate_limit:x", colour="blue"))
    assert (row.shape, row.raw) == (LimitShape.UNKNOWN, (("colour", "blue"),))


def test_what_is_gone_gives_no_row() -> None:
    gone = KeyContent(KeyName(b"rate_limit:x"), KeyLook("none", None))
    assert limit_rows((gone,), (SPEC,), NOW_S) == ()


@pytest.mark.parametrize(
    ("key", "patterns", "client"),
    [
        ("rate_limit:2001:db8::12", ("rate_limit:*",), "2001:db8::12"),
        ("rate_limit:2001:db8:0:0:0:0:0:12", ("rate_limit:*",), "2001:db8:0:0:0:0:0:12"),
        ("rate_limit:::1", ("rate_limit:*",), "::1"),
        ("rate_limit:::ffff:203.0.113.9", ("rate_limit:*",), "::ffff:203.0.113.9"),
        ("api:rate-limit:2001:db8::12:29558006", ("api:rate-limit:*",), "2001:db8::12"),
        ("rl:count:203.0.113.36", ("rl:*",), "203.0.113.36"),
        ("rl:{203.0.113.36}:minute", ("rl:*",), "203.0.113.36"),
        ("rl:[2001:db8::1]:443", ("rl:*",), "2001:db8::1"),
        ("rl:user:42", ("rl:*",), "user:42"),
        ("rl:1.2.3.4.5", ("rl:*",), "1.2.3.4.5"),
        ("rl:999.1.1.1", ("rl:*",), "999.1.1.1"),
        ("shop:rate-limit:alice", ("*rate-limit*",), "alice"),
        ("global", ("global",), "global"),
        ("rl:\x1b[31mx", ("rl:*",), "␛[31mx"),
    ],
)
def test_the_client_is_what_the_key_says(key: str, patterns: tuple[str, ...], client: str) -> None:
    spec = LimitSpec("s", patterns, 10, 1)
    assert row_of(a_string(key, "1"), spec=spec).client == client
