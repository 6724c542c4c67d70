"""Which family a key belongs to, and how many there are, in bounded memory."""

import pytest

from core.model.redis_spec import CircuitSpec, KeyFamilySpec, LimitSpec, RedisSpec, StreamSpec
from core.redis.server.families import (
    ADDRESS_FAMILY,
    Tally,
    family_of,
    is_token_family,
    purposes_of,
    shown_family,
)

SPEC = RedisSpec(
    "shop/redis",
    streams=(StreamSpec("events", ("automation.events",), dead_letters=("automation.dlq",)),),
    circuits=(CircuitSpec("upstream", ("gw:circuit", "circuit_breaker:*")),),
    limits=(LimitSpec("per-client", ("gw:limit:*", "rate_limit:*")),),
    families=(KeyFamilySpec("tokens", ("token:*",), "the code does not consult them"),),
)


@pytest.mark.parametrize(
    ("key", "family"),
    [
        (b"rate_limit:10.0.0.7", b"rate_limit:*"),
        (b"rate_limit:2001:db8::7", b"rate_limit:*"),
        (b"user/7/profile", b"user/*"),
        (b"automation.events", b"automation.*"),
        (b":1:views.page", b":1:*"),
        (b"plain", b"plain"),
        (b"", b""),
        (b":::", b":::"),
    ],
)
def test_a_family_ends_at_the_first_separator(key: bytes, family: bytes) -> None:
    assert family_of(key) == family


@pytest.mark.parametrize(
    "key", [b"10.0.0.7", b"10.0.0.7:5000", b"2001:db8::7:hits", b"::1:hits", b"::ffff:10.0.0.7:x"]
)
def test_an_address_separates_nothing(key: bytes) -> None:
    assert family_of(key) == ADDRESS_FAMILY


def test_a_prefix_ends_where_an_address_begins() -> None:
    assert family_of(b"ip-10.0.0.7:hits") == b"ip-*"
    assert family_of(b"ip-2001:db8::1") == b"ip-*"
    assert family_of(b"feed:7:8") == b"feed:*", "letters only are a name, not a group of digits"
    assert family_of(b"1.2.3.4.5:x") == b"1.*", "five numbers are no address"


def test_a_family_is_short_and_safe_whatever_the_key() -> None:
    assert len(family_of(b"x" * 100_000)) <= 65
    assert "\x1b" not in shown_family(family_of(b"\x1b]0;x\x07:1"))
    assert "hunter2" not in shown_family(family_of(b"password=hunter2"))


def test_what_the_profile_names_is_counted_by_its_name() -> None:
    tally = Tally(purposes_of(SPEC))
    for key in (b"automation.events", b"gw:limit:1", b"gw:limit:2", b"gw:circuit", b"gw:other"):
        tally.add(key)
    named = {one.pattern: (one.meaning, count.count) for one, count in tally.named()}
    assert named == {
        b"automation.events": ("stream events", 1),
        b"gw:limit:*": ("limits per-client", 2),
        b"gw:circuit": ("circuit upstream", 1),
    }
    assert [(family, count.count) for family, count in tally.largest(5)] == [(b"gw:*", 1)]
    assert tally.total == 5


def test_streams_and_tokens_are_known_as_such() -> None:
    what = {one.pattern: (one.is_stream, one.is_token) for one in purposes_of(SPEC)}
    assert what[b"automation.dlq"] == (True, False)
    assert what[b"token:*"] == (False, True)
    assert what[b"rate_limit:*"] == (False, False)
    assert is_token_family(KeyFamilySpec("signed-out", ("jwt-revoked:*",)))
    assert not is_token_family(KeyFamilySpec("sessions", ("session:*",)))


def test_a_key_is_of_the_first_pattern_that_has_it() -> None:
    spec = RedisSpec(
        "s/r",
        limits=(LimitSpec("odd", ("h?llo*", r"a\*b*", "one")), LimitSpec("all", ("h*",))),
    )
    tally = Tally(purposes_of(spec))

    def meaning(key: bytes) -> str:
        found = tally.purpose_of(key)
        return str(found.meaning) if found else ""

    assert meaning(b"hello\nworld") == "limits odd"
    assert meaning(b"hat") == "limits all"
    assert meaning(b"a*b7") == "limits odd"
    assert meaning(b"axb7") == ""
    assert meaning(b"one") == "limits odd"
    assert meaning(b"ones") == ""


def test_a_pattern_that_is_none_matches_nothing() -> None:
    spec = RedisSpec("s/r", families=(KeyFamilySpec("odd", ("[z-a]",)),))
    tally = Tally(purposes_of(spec))
    tally.add(b"z")
    assert tally.named() == ()


def test_a_hundred_thousand_families_take_the_room_of_a_few() -> None:
    tally = Tally(purposes_of(SPEC), most=1000)
    for number in range(100_000):
        tally.add(b"user%d:profile" % number)
        tally.add(b"session:%d" % number)
        tally.add(b"rate_limit:%d" % number)
    assert len(tally.largest(200_000)) <= 1000
    (largest, count), *_ = tally.largest(1)
    assert largest == b"session:*"
    assert count.count <= 100_000 <= count.count + count.missed_at_most
    assert tally.named()[0][1].count == 100_000, "what the profile names is never given up"
    kept = sum(one.count for _, one in tally.largest(1000)) + tally.named()[0][1].count
    assert kept + tally.others == tally.total == 300_000


def test_memory_is_reckoned_from_what_was_weighed() -> None:
    tally = Tally()
    found, *_ = [tally.add(b"cache:%d" % number) for number in range(10)]
    assert found.memory_bytes is None
    found.weighed, found.weight_bytes = 2, 300
    assert found.memory_bytes == 1500
