"""How a Redis-compatible server is reached."""

from dataclasses import dataclass

from core.model.secret import Secret


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """How a server is reached."""

    url: Secret
    """`redis://`, `rediss://` or `unix://`, with credentials where it needs them."""
    ca_file: str | None = None
