"""What is known of key stores and tokens before anybody looks: paths, tiers, probes. Frozen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyProbeSpec:
    """A request that tells whether a key is live."""

    service: str
    """By name, of the same system."""
    url: str
    """The whole address, without credentials."""
    header: str = "X-API-Key"
    refused: int = 401
    """HTTP code for a key that is not live; 403 always counts as well."""


@dataclass(frozen=True, slots=True)
class KeyStoreSpec:
    """Where a system keeps its API keys. Paths are absolute."""

    name: str
    title: str = ""
    kind: str = "json"
    """`json`, `redis`, `sqlite`, `http`."""
    path: str = ""
    """The file that the server is said to read."""
    also: tuple[str, ...] = ()
    """Other copies that tools write."""
    variable: str = ""
    """The environment variable that moves `path`."""
    usage: tuple[str, ...] = ()
    analytics: tuple[str, ...] = ()
    tiers: tuple[tuple[str, int], ...] = ()
    """Tier and its monthly quota."""
    warning_percent: float = 80.0
    never_live: tuple[str, ...] = ()
    """Published sample keys: active ones are a finding."""
    probe: KeyProbeSpec | None = None
    service: str = ""
    """The service whose process reads it: the probe's, else none."""
    note: str = ""
    end_needs_use: bool = False
    """A grace ends only once a record says that the new key is used."""
    server: str = ""
    """Of a store in Redis: the service that has it, `system/service`."""
    keys: tuple[str, ...] = ()
    """Of a store in Redis: names or patterns, such as `api_keys` or `api_key:*`."""
    usage_keys: tuple[str, ...] = ()
    """Names or patterns of the server's keys that count requests, such as `usage:*`."""


@dataclass(frozen=True, slots=True)
class TokenSpec:
    """Signed tokens: how they are made, looked at and taken back."""

    name: str
    title: str = ""
    algorithm: str = "HS256"
    secret_variable: str = ""
    env_file: str = ""
    """The env file, by name, that holds the secret."""
    secret_bytes: int = 32
    mint: str = ""
    """The command, by name, that mints one."""
    service: str = ""
    """Whose identity endpoint tries a token."""
    identity: str = ""
    """The whole address of its endpoint."""
    scopes: tuple[str, ...] = ()
    revocation_keys: tuple[str, ...] = ()
    previous_variable: str = ""
    """The variable of the secret before, which the application still accepts; empty: none."""
    note: str = ""
