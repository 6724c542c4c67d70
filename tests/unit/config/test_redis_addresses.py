"""Addresses of Redis: one server, sentinels, nodes of a cluster."""

import pytest

from config.addresses import REDIS, AddressUnusable, parse_address
from core.model.secret import Secret


@pytest.mark.parametrize(
    "text",
    [
        "redis://host:6379/0",
        "rediss://host",
        "unix:///run/redis.sock?db=1",
        "redis+sentinel://a:26379,b,[::1]:26379/shop",
        "rediss+sentinel://a/shop/3",
        "redis+cluster://a:7000,b:7001",
        "rediss+cluster://a",
    ],
)
def test_every_way_to_a_server_can_be_written(text: str) -> None:
    assert parse_address(text, {}, REDIS).text == text


def test_credentials_before_several_hosts_are_a_secret() -> None:
    address = parse_address("redis+sentinel://u:${PW}@a:1,b:2/shop", {"PW": "p"}, REDIS)
    assert address.text == "redis+sentinel://a:1,b:2/shop"
    assert address.secret == Secret("redis+sentinel://u:p@a:1,b:2/shop")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("redis://a:1,b:2/0", "one host only"),
        ("http://a,b/", "http:// is not possible here"),
        ("redis+sentinel://a:26379", "sentinels need the server's name"),
        ("redis+sentinel://a:26379/", "sentinels need the server's name"),
        ("redis+sentinel://a:26379/shop/zero", "sentinels need the server's name"),
        ("redis+cluster://a:1,b:99999", "1 to 65535"),
        ("redis+cluster://a:1,,b:2", "no usable host"),
        ("redis+cluster://a:1,b:2:3", "1 to 65535"),
        ("redis+cluster://", "no usable host"),
        ("redis+ring://a", "redis+ring:// is not possible here"),
    ],
)
def test_what_leads_nowhere_is_refused(text: str, what: str) -> None:
    with pytest.raises(AddressUnusable) as caught:
        parse_address(text, {}, REDIS)
    assert what in str(caught.value)
