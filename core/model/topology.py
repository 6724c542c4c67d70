"""What the configuration asks us to watch: systems, services and where each one lives."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.check import CheckSpec
from core.model.ids import ServiceId
from core.model.redis_spec import RedisSpec
from core.model.secret import Secret


class Environment(StrEnum):
    """Decides badge, colour and confirmation rung."""

    PRODUCTION = "production"
    STAGING = "staging"
    DEVELOPMENT = "development"


@dataclass(frozen=True, slots=True)
class SystemdUnit:
    """The service is a systemd unit."""

    unit: str


@dataclass(frozen=True, slots=True)
class ComposeService:
    """The service is a compose service; found by its labels, whatever the container is called."""

    project: str
    service: str
    aliases: tuple[str, ...] = ()
    """Other service names in use for the same thing (runbook name beside real name)."""


@dataclass(frozen=True, slots=True)
class DockerContainer:
    """The service is one named container."""

    container: str


@dataclass(frozen=True, slots=True)
class SwarmService:
    """The service is a Swarm service."""

    service: str


@dataclass(frozen=True, slots=True)
class PlainProcess:
    """The service is a process, found by its pidfile first, else by exact command words."""

    command: tuple[str, ...] = ()
    """argv words that must all occur, in order, in a process's argv; never a substring search."""
    cwd: str = ""
    pidfile: str = ""
    log: str = ""
    start: tuple[str, ...] = ()
    """argv that starts it; empty: `command`."""


RunsAs = SystemdUnit | ComposeService | DockerContainer | SwarmService | PlainProcess


@dataclass(frozen=True, slots=True)
class MetricsSpec:
    """A metrics endpoint of a service."""

    url: str
    every_s: float = 15.0
    timeout_s: float = 5.0
    known_as: tuple[str, ...] = ()
    """Names the runbook expects; those missing are shown as "not exposed by this build"."""
    headers: tuple[tuple[str, Secret], ...] = ()
    secret: Secret | None = None
    """The whole URL with credentials where it has any."""
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class LogSpec:
    """Where a service writes. Paths may be globs or hold strftime codes."""

    name: str
    path: str = ""
    container: bool = False
    journal: bool = False
    retention: str = "application"
    unit: str = ""
    """Of `journal`: the systemd unit."""
    format: str = "auto"
    """`auto`, or the name of a format of the configuration."""
    zone: str = ""
    """Where times without a zone were written (`Europe/Rome`); empty: UTC."""
    note: str = ""
    """What a person should know of it: where the application really writes."""


@dataclass(frozen=True, slots=True)
class LogFormatSpec:
    """A format of log lines that the configuration adds."""

    name: str
    pattern: str
    """A regular expression with named groups."""
    time_format: str = ""
    """As for `strptime`; empty: any form that is known."""


@dataclass(frozen=True, slots=True)
class LogQuerySpec:
    """A question that a runbook asks of a log, saved under a name."""

    name: str
    title: str
    log: str
    """The log's name in its system."""
    filter: str = ""
    """In the query language; `{user}` stands for what is asked for when it is used."""
    count_by: str = ""
    measure: str = ""
    """Field whose average, percentiles and maximum are shown."""
    window_s: float | None = None
    last: int | None = None
    """Records from the end."""
    is_personal_data: bool = False
    """It looks for personal data instead."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RetentionSpec:
    """How long a class of logs is kept."""

    name: str
    keep_s: float
    compress_after_s: float | None = None
    paths: tuple[str, ...] = ()
    """Files of the class beyond those of the logs that name it."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One service: where it runs, how it is checked, what it needs."""

    id: ServiceId
    title: str
    runs_as: RunsAs | None
    checks: tuple[CheckSpec, ...]
    metrics: MetricsSpec | None = None
    logs: tuple[LogSpec, ...] = ()
    depends_on: tuple[ServiceId, ...] = ()
    is_outside: bool = False
    """A provider that is not ours: shown apart and never weighs on the system's verdict as down."""


@dataclass(frozen=True, slots=True)
class SystemSpec:
    """One deployment."""

    name: str
    title: str
    profile: str
    services: tuple[ServiceSpec, ...]
    root: str = ""
    """Folder of the deployment; empty when it has none here."""
    logs: tuple[LogSpec, ...] = ()
    """Logs that belong to no service."""
    log_queries: tuple[LogQuerySpec, ...] = ()
    retention: tuple[RetentionSpec, ...] = ()
    """Empty: the usual rules."""
    redis: tuple[RedisSpec, ...] = ()
    """Its servers, the one that holds the configured streams, circuits and limits first."""


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything watched. Built once from the settings."""

    environment: Environment
    is_read_only: bool
    systems: tuple[SystemSpec, ...]
    log_folders: tuple[str, ...] = ()
    """Folders whose size is shown on Host & metrics."""
    docker_url: str = ""
    """Empty: the usual socket or DOCKER_HOST."""
    label: str = ""
    """What the header calls this place; empty: the host name."""
    log_formats: tuple[LogFormatSpec, ...] = ()
    """Tried before the known ones, in this order."""
