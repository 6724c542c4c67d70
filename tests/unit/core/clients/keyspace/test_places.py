"""What an address means."""

import pytest

from core.clients.keyspace.places import Places, read_places
from core.clients.redis_address import RedisAddress
from core.errors import ClientError
from core.model.secret import Secret


def read(url: str) -> Places:
    return read_places(RedisAddress(Secret(url), "/ca.pem"))


def test_one_server() -> None:
    places = read("redis://u%40x:p%2Fw@host:7000/3")
    (place,) = places.seeds
    assert (place.host, place.port, place.database, place.user) == ("host", 7000, 3, "u@x")
    assert place.password == Secret("p/w")
    assert (place.is_tls, places.is_cluster, places.sentinel_service) == (False, False, "")


def test_defaults_and_names() -> None:
    assert read("redis://").seeds[0].name == "localhost:6379"
    assert read("rediss://[::1]/").seeds[0].name == "[::1]:6379"
    assert read("rediss://h").seeds[0].is_tls
    assert read("redis://h?db=4").seeds[0].database == 4
    assert read("redis://:pw@h").seeds[0].user == ""


def test_a_unix_socket() -> None:
    (place,) = read("unix://u:p@/run/a%20b.sock?db=2").seeds
    assert (place.path, place.database, place.user) == ("/run/a b.sock", 2, "u")
    assert place.name == "/run/a b.sock"


def test_sentinels_know_a_service_and_its_database() -> None:
    places = read("rediss+sentinel://u:p@a,b:1,[::1]:2/shop/5")
    assert [place.name for place in places.seeds] == ["a:26379", "b:1", "[::1]:2"]
    assert (places.sentinel_service, places.database) == ("shop", 5)
    assert all(place.is_tls and place.database == 0 for place in places.seeds)
    assert places.seeds[0].without_user().password is None


def test_some_nodes_of_a_cluster() -> None:
    places = read("redis+cluster://a:1,b")
    assert [place.name for place in places.seeds] == ["a:1", "b:6379"]
    assert places.is_cluster


@pytest.mark.parametrize(
    "url",
    [
        "http://user:hunter2@h",
        "redis://hunter2@h/zero",
        "redis+sentinel://h",
        "redis+ring://h",
        "unix+cluster:///x",
        "redis://h:port",
        "redis+sentinel://h/shop/five",
    ],
)
def test_what_cannot_be_dialled_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ClientError, match="not a redis address") as caught:
        read(url)
    assert "hunter2" not in str(caught.value)
