"""API keys, tokens and the files that hold settings and secrets. Names only, never values."""

from typing import Literal

from config.fields import BelowBase, Duration, Name, OperationId, PathText, Variable
from config.section import Section


class KeyProbe(Section):
    """A request that tells whether a key is live."""

    service: str
    url: BelowBase
    header: str = "X-API-Key"
    refused: int = 401
    """HTTP code for a key that is not live."""


class KeyStore(Section):
    """Where a system keeps its API keys."""

    title: str = ""
    kind: Literal["json", "redis", "sqlite", "http"] = "json"
    path: PathText | None = None
    """The file that the server reads."""
    also: tuple[PathText, ...] = ()
    """Other copies that tools write; compared with `path`."""
    variable: Variable = ""
    """The environment variable that moves `path`."""
    usage: tuple[PathText, ...] = ()
    """Usage and rate-limit records."""
    analytics: tuple[PathText, ...] = ()
    tiers: dict[str, int] = {}
    """Tier to its monthly quota."""
    usage_warning_percent: float = 80.0
    never_live: tuple[str, ...] = ()
    """Published sample keys: active ones are a finding."""
    probe: KeyProbe | None = None
    service: str = ""
    """The service whose process reads it; none: the probe's."""
    commands: dict[Name, str] = {}
    """Verb (list, generate, deactivate, info) to the name of a command."""
    end_needs_use: bool = False
    """The end of a grace is refused while no record says that the new key is used."""
    redis: str = ""
    """Of `kind: redis`: the service, of the same system, that has the keys."""
    redis_keys: tuple[str, ...] = ()
    """Of `kind: redis`: names or patterns of Redis keys, such as `api_keys` or `api_key:*`."""
    redis_usage: tuple[str, ...] = ()
    """Of `kind: redis`: those that count requests by API key, such as `usage:*`."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class Tokens(Section):
    """Signed tokens: how they are made, looked at and taken back."""

    title: str = ""
    algorithm: str = "HS256"
    secret_variable: Variable = ""
    env_file: str = ""
    """The env file that holds the secret."""
    secret_bytes: int = 32
    """Length of a new secret."""
    mint: str = ""
    """The command that mints one."""
    service: str = ""
    identity: BelowBase | None = None
    """The endpoint that says who a token is."""
    scopes: tuple[str, ...] = ()
    revocation_keys: tuple[str, ...] = ()
    """Redis keys or patterns that revoke, where the system consults them."""
    previous_variable: Variable = ""
    """Where the application still accepts the secret before; none: it does not."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class VariableRule(Section):
    """What a variable of an env file may hold."""

    is_required: bool = False
    is_secret: bool = False
    one_of: tuple[str, ...] = ()
    kind: Literal["text", "integer", "number", "url", "cron", "path"] = "text"
    min: float | None = None
    max: float | None = None
    note: str = ""


class EnvFile(Section):
    """A file of environment variables and who reads it."""

    title: str = ""
    path: PathText
    also: tuple[PathText, ...] = ()
    """Files of the same content elsewhere, such as the one that another compose file reads."""
    template: PathText | None = None
    read_by: tuple[str, ...] = ()
    """Services that read it."""
    apply: Literal["restart", "recreate", "none"] = "restart"
    """What makes a change effective; `recreate` is compose's `up -d`."""
    variables: dict[Variable, VariableRule] = {}
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class ConfigFile(Section):
    """A configuration file of the system itself."""

    title: str = ""
    path: PathText
    format: Literal["json", "yaml", "env", "text", "python", "nginx"] = "text"
    owner: str = ""
    """The service user that has to be able to read it."""
    validate_with: str = ""
    """The command that checks it."""
    max_age: Duration | None = None
    apply: Literal["restart", "recreate", "reload", "none"] = "restart"
    read_by: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """What has to hold, such as `favorites is not empty`."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()
