"""Where servers are: what an address says, read once. Pure."""

from dataclasses import dataclass, replace
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from core.clients.redis_address import RedisAddress
from core.errors import ClientError
from core.model.secret import Secret

_PORT = 6379
_SENTINEL_PORT = 26379
_SCHEMES = frozenset(
    {
        *("redis", "redis+sentinel", "redis+cluster", "unix"),
        *("rediss", "rediss+sentinel", "rediss+cluster"),
    }
)
_FORMS = "use redis://, rediss:// or unix://, or redis+sentinel:// or redis+cluster://"


@dataclass(frozen=True, slots=True)
class Place:
    """One server to dial."""

    host: str = "localhost"
    port: int = _PORT
    path: str = ""
    """Of a unix socket; empty: host and port count."""
    database: int = 0
    user: str = ""
    password: Secret | None = None
    is_tls: bool = False
    ca_file: str | None = None

    @property
    def name(self) -> str:
        """For messages."""
        if self.path:
            return self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    async def find(self) -> "Place":
        """It is where it is."""
        return self

    def without_user(self) -> "Place":
        """Return the same server, asked by nobody in particular."""
        return replace(self, user="", password=None, database=0)

    def in_database(self, database: int) -> "Place":
        """Return the same server with another database chosen."""
        return replace(self, database=database)

    def at(self, host: str, port: int) -> "Place":
        """Return another server reached in the same way."""
        return replace(self, host=host, port=port, path="")


@dataclass(frozen=True, slots=True)
class Places:
    """What an address means."""

    seeds: tuple[Place, ...]
    """The server, the sentinels, or some nodes of the cluster."""
    sentinel_service: str = ""
    """What the sentinels call the server; empty: they are none."""
    database: int = 0
    is_cluster: bool = False


def read_places(address: RedisAddress) -> Places:
    """Return what an address means.

    Raises:
        ClientError: it is none that can be dialled.
    """
    try:
        return _read(address)
    except ValueError as error:
        raise ClientError(f"not a redis address: {_FORMS}") from error


def _read(address: RedisAddress) -> Places:
    url = urlsplit(address.url.reveal())
    scheme, _, kind = url.scheme.partition("+")
    if url.scheme not in _SCHEMES:
        raise ValueError(url.scheme)
    words = [unquote(part) for part in url.path.strip("/").split("/") if part]
    database = 0 if scheme == "unix" else _database(url, words, kind)
    base = Place(
        database=0 if kind == "sentinel" else database,
        is_tls=scheme == "rediss",
        ca_file=address.ca_file,
        user=unquote(url.username or ""),
        password=Secret(unquote(url.password)) if url.password else None,
    )
    if scheme == "unix":
        database = int(parse_qs(url.query).get("db", ["0"])[0])
        place = replace(base, path=unquote(url.path), database=database)
        return Places((place,), database=database)
    port = _SENTINEL_PORT if kind == "sentinel" else _PORT
    hosts = url.netloc.rpartition("@")[2].split(",")
    seeds = tuple(base.at(*_host(host, port)) for host in hosts)
    if kind == "sentinel" and not words:
        raise ValueError("no service")
    service = words[0] if kind == "sentinel" else ""
    return Places(seeds, service, database, is_cluster=kind == "cluster")


def _database(url: SplitResult, words: list[str], kind: str) -> int:
    """Return the database; it follows the service in an address of sentinels."""
    named = words[1:] if kind == "sentinel" else words
    chosen = parse_qs(url.query).get("db", named or ["0"])[0]
    return int(chosen)


def _host(text: str, port: int) -> tuple[str, int]:
    host, colon, number = text.rpartition(":")
    if text.endswith("]") or not colon:
        host, number = text, ""
    if len(host) > 1 and host[0] == "[":
        host = host.strip("[]")
    return host or "localhost", int(number) if number else port
