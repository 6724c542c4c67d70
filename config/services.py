"""Services: where each one runs, what it writes, what it needs."""

from config.checks import Check, Metrics
from config.fields import Duration, Name, OperationId, PathText, WebAddress, ZoneName
from config.section import Section, fields_of


class Compose(Section):
    """A compose service, found by its labels whatever the container is called."""

    service: str
    project: str = ""
    """None: the system's `compose.project`."""
    aliases: tuple[str, ...] = ()
    """Other names in use for the same service (the runbook's beside the real one)."""


class Systemd(Section):
    """A systemd unit."""

    unit: str


class Docker(Section):
    """One named container."""

    container: str


class Swarm(Section):
    """A Swarm service."""

    service: str


class Process(Section):
    """A process, found by its pidfile first, else by exact words of its command."""

    command: tuple[str, ...] = ()
    """Words that must all occur, in this order, in the command line; never a substring search."""
    cwd: PathText | None = None
    pidfile: PathText | None = None
    log: PathText | None = None
    start: tuple[str, ...] = ()
    """The command that starts it, word by word; none: `command`."""


class RunsAs(Section):
    """How a service runs: exactly one of these."""

    compose: Compose | None = None
    systemd: Systemd | None = None
    docker: Docker | None = None
    swarm: Swarm | None = None
    process: Process | None = None

    def reason_against(self) -> tuple[str, str] | None:
        """Return why it is not exactly one kind."""
        kinds = [name for name in fields_of(RunsAs) if getattr(self, name) is not None]
        if len(kinds) == 1:
            return None
        what = f"names {len(kinds)} ways to run" if kinds else "names no way to run"
        return what, f"keep one of: {', '.join(fields_of(RunsAs))}"


class LogFile(Section):
    """One log on disk."""

    path: PathText
    """May be a glob, and may hold strftime codes for dated files (`api_%Y%m%d.jsonl`)."""
    format: str = "auto"
    """`auto`: told from its lines; or the only one of `log_formats` that is tried."""
    zone: ZoneName | None = None
    """Where times without a zone were written; none: UTC."""
    retention: str = "application"
    """Its class in the system's `retention`."""
    note: str = ""
    """What is said beside it where there is nothing to read: where the application writes."""
    operations: tuple[OperationId, ...] = ()


class ServiceLogs(Section):
    """Where a service writes."""

    container: bool = False
    """What its container prints."""
    journal: bool = False
    """What its unit writes to the journal."""
    unit: str = ""
    """A unit whose journal to read, where it is not the one that runs the service."""
    format: str = "auto"
    """Of what the container prints and the journal holds; as that of a file."""
    zone: ZoneName | None = None
    """Of what the container prints and the journal holds."""
    files: dict[Name, LogFile] = {}


class Service(Section):
    """One process, unit or container of a system, with its checks."""

    title: str = ""
    base_url: WebAddress | None = None
    """Where it answers; the paths of its checks and metrics start here."""
    runs_as: RunsAs | None = None
    checks: dict[Name, Check] = {}
    metrics: Metrics | None = None
    logs: ServiceLogs | None = None
    depends_on: tuple[str, ...] = ()
    """Services of this system, or `system/service` of another."""
    outside: bool = False
    """Someone else's: shown apart, and never counted as our outage."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class StatusPage(Section):
    """A provider's own word about itself; shown as an outside service."""

    url: WebAddress
    """The page's `/api/v2/status.json`."""
    title: str = ""
    every: Duration = 60.0
    timeout: Duration = 10.0
    note: str = ""
    components: tuple[str, ...] = ()
    """Components of the provider that matter here."""
    operations: tuple[OperationId, ...] = ()
