"""How a Redis-compatible server is reached."""

from dataclasses import dataclass

from core.model.secret import Secret


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """How a server is reached."""

    url: Secret
    """`redis://`, `rediss://` or `unix://`, with credentials where it needs them.

    `redis+sentinel://host:26379,host:26379/NAME/0` and `redis+cluster://host:port,host:port` name
    who knows where the server is, or nodes of the cluster; `rediss+…` with TLS.
    """
    ca_file: str | None = None
