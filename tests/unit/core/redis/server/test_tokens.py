"""Tokens: whose, how long, and never more of them than tells two apart."""

import pytest

from core.clients.keyspace.port import KeyContent, KeyLook, Value
from core.model.redis_key import KeyName
from core.model.redis_spec import KeyFamilySpec, RedisSpec
from core.redis.server.tokens import ROWS_KEPT, TokenScan, masked_token, owner_of, token_patterns
from tests.fakes.clock import FakeClock
from tests.unit.core.redis.server.infos import SPEC
from tests.unit.core.redis.server.keys import NamedKeys, named_keys

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


def text(key: str, value: str, ttl_s: float | None = 60.0) -> KeyContent:
    data = value.encode()
    return KeyContent(KeyName(key.encode()), KeyLook("string", ttl_s), Value(data, len(data)))


def record(key: str, ttl_s: float | None = 60.0, **fields: str) -> KeyContent:
    values = {name.encode(): Value(one.encode(), len(one)) for name, one in fields.items()}
    return KeyContent(KeyName(key.encode()), KeyLook("hash", ttl_s), fields=values)


@pytest.mark.parametrize(
    ("content", "owner"),
    [
        (record("token:1", user="alice", token=JWT), "alice"),
        (record("token:1", SUB="alice"), "alice"),
        (record("token:1", token=JWT), ""),
        (text("token:1", '{"sub": "bob", "exp": 1}'), "bob"),
        (text("token:1", '{"user": {"name": "carol", "password": "x"}}'), "carol"),
        (text("token:1", '{"user_id": 17}'), "17"),
        (text("token:1", '{"sub": '), ""),
        (text("token:1", "[" * 100_000), ""),
        (text("token:1", "user:dave"), "dave"),
        (text("token:1", "eve@example.org"), "eve@example.org"),
        (text("token:1", "revoked"), ""),
        (text("token:1", "1"), ""),
        (text("token:1", JWT), ""),
        (text("token:1", "9f86d081884c7d659a2feaa0c55ad015"), ""),
    ],
)
def test_an_owner_is_told_only_where_the_value_names_one(content: KeyContent, owner: str) -> None:
    assert owner_of(content) == owner


def test_an_owner_from_outside_is_safe_and_short() -> None:
    shown = owner_of(record("token:1", user="\x1b]0;owned\x07" + "x" * 500))
    assert "\x1b" not in shown
    assert len(shown) < 120


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("token:9f86d081884c7d659a2feaa0c55ad015", "token:9f86d081…"),
        ("token:short", "token:short"),
        (f"token:{JWT}", "token:eyJhbGci…"),
        ("token:ab/cd.ef==0123", "token:ab/cd.ef…"),
        ("revoked:jwt:9f86d081884c", "revoked:jwt:9f86d081…"),
        ("tokens/9f86d081884c", "tokens/9f86d081…"),
    ],
)
def test_of_a_token_only_the_beginning_is_shown(key: str, shown: str) -> None:
    assert masked_token(KeyName(key.encode())) == shown


async def found(keys: NamedKeys, looks: int = 2000, spec: RedisSpec = SPEC) -> TokenScan:
    scan = TokenScan(spec, keys.count, looks, FakeClock())
    while not scan.is_done:
        await scan.step(keys)
    return scan


async def test_tokens_without_a_time_to_live_are_counted_and_come_first() -> None:
    keys = named_keys(3, lambda at: (b"token:a", b"token:b", b"limit:c")[at])
    keys.contents_by_key = {b"token:a": record("token:a", user="alice"),
                            b"token:b": record("token:b", None, user="bob")}  # fmt: skip
    tokens = (await found(keys)).view()
    assert [(row.key.spelled, row.owner) for row in tokens.rows] == [
        ("token:b", "bob"),
        ("token:a", "alice"),
    ]
    assert (tokens.counted, tokens.without_ttl, tokens.looked_at) == (2, 1, 2)
    assert tokens.notes == ("the code does not consult them",)
    assert tokens.progress.is_complete


async def test_what_is_beyond_the_budget_is_counted_and_not_read() -> None:
    keys = named_keys(2_000, lambda at: b"token:%d" % at)
    keys.contents_by_key = {b"token:%d" % at: record(f"token:{at}") for at in range(2_000)}
    tokens = (await found(keys, looks=600)).view()
    assert tokens.counted == 2_000
    assert tokens.looked_at == keys.asked["contents"] == 600
    assert len(tokens.rows) == ROWS_KEPT


async def test_a_key_without_a_pattern_is_asked_for_by_name() -> None:
    spec = RedisSpec("s/r", families=(KeyFamilySpec("revocations", ("revoked",)),))
    keys = named_keys(1, lambda _: b"revoked")
    keys.contents_by_key = {b"revoked": record("revoked", None)}
    tokens = (await found(keys, spec=spec)).view()
    assert tokens.without_ttl == 1
    assert "SCAN" not in keys.asked


async def test_a_profile_without_tokens_has_nothing_to_look_for() -> None:
    spec = RedisSpec("s/r", families=(KeyFamilySpec("sessions", ("session:*",)),))
    assert token_patterns(spec) == ()
    assert (await found(named_keys(5, lambda at: b"%d" % at), spec=spec)).view().patterns == ()
