"""Finds the one server that an address means, anew each time: a failover makes it another."""

from urllib.parse import quote, urlsplit

from core.clients.keyspace.allowed import Call
from core.clients.keyspace.pace import Unpaced
from core.clients.keyspace.places import Place, Places, read_places
from core.clients.keyspace.route import Sentinels
from core.clients.keyspace.wire import Wire
from core.clients.redis_address import RedisAddress
from core.errors import ClientError, ClientMissing
from core.model.secret import Secret

_NODE_S = 1.0


async def where(address: RedisAddress) -> RedisAddress:
    """Return the address of one server: the master that sentinels name, a node that answers.

    Raises:
        ClientError: nobody says, or no node of the cluster answers.
    """
    url = address.url.reveal()
    if "+" not in url.partition("://")[0]:
        return address
    places = read_places(address)
    if places.sentinel_service:
        return _address(await Sentinels(places, Unpaced()).find(), address)
    return _address(await _node(places), address)


async def _node(places: Places) -> Place:
    problem: ClientError | None = None
    for seed in places.seeds:
        wire = Wire(seed.find, Unpaced(), _NODE_S)
        try:
            await wire.ask([Call("PING")])
        except ClientError as error:
            problem = problem or error
        else:
            return seed
        finally:
            await wire.aclose()
    raise problem or ClientMissing("the address names no node")


def moved_to(address: RedisAddress, said: str) -> RedisAddress:
    """Return the address of `… host:port`, reached in the same way; no host means the same."""
    host, _, port = said.rpartition(" ")[2].rpartition(":")
    url = urlsplit(address.url.reveal())
    who, at, old = url.netloc.rpartition("@")
    place = f"[{host}]" if ":" in host else host or old.rpartition(":")[0]
    return RedisAddress(
        Secret(url._replace(netloc=f"{who}{at}{place}:{port}").geturl()), address.ca_file
    )


def _address(place: Place, address: RedisAddress) -> RedisAddress:
    secret = quote(place.password.reveal(), safe="") if place.password else ""
    who = f"{quote(place.user, safe='')}:{secret}@" if secret or place.user else ""
    scheme = "rediss" if place.is_tls else "redis"
    host = f"[{place.host}]" if ":" in place.host else place.host
    text = f"{scheme}://{who}{host}:{place.port}/{place.database}"
    return RedisAddress(Secret(text), address.ca_file)
