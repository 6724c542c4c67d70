"""What may be done to a system beyond watching it, as the configuration describes it.

Paths are absolute (they started at the system's `root`); where said, they hold strftime codes.
"""

from dataclasses import dataclass

from core.model.key_spec import KeyStoreSpec, TokenSpec


@dataclass(frozen=True, slots=True)
class JudgeSpec:
    """How a command's result is told, where the exit code does not tell it."""

    exit: tuple[int, ...] = (0,)
    says: tuple[str, ...] = ()
    never_says: tuple[str, ...] = ()
    report: str = ""
    """A JSON report that the command writes."""
    report_path: str = ""
    report_equals: str = ""
    fresh_s: float | None = None


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A program of the system, run as words without a shell."""

    name: str
    argv: tuple[str, ...]
    """`{name}` stands for an input."""
    title: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    """Input to what it is; one called `secret…` is never shown."""
    cwd: str = ""
    inside: str = ""
    """The service in whose container it runs."""
    danger: str = "R"
    timeout_s: float = 120.0
    environment: tuple[tuple[str, str], ...] = ()
    judge: JudgeSpec | None = None
    background: str = ""
    """A server, which is started on its own: the file for what it prints. Empty: it ends."""
    known_by: tuple[str, ...] = ()
    """Words of its process, in order; empty: those that start it."""
    absent: str = ""
    """What it means that the program is not there."""
    alternatives: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class VariableSpec:
    """What a variable of an env file may hold."""

    name: str
    is_required: bool = False
    is_secret: bool = False
    one_of: tuple[str, ...] = ()
    kind: str = "text"
    """`text`, `integer`, `number`, `url`, `cron`, `path`."""
    least: float | None = None
    most: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EnvFileSpec:
    """A file of environment variables and who reads it."""

    name: str
    path: str
    title: str = ""
    also: tuple[str, ...] = ()
    template: str = ""
    read_by: tuple[str, ...] = ()
    """Services, by name."""
    apply: str = "restart"
    """`restart`, `recreate` (compose `up -d`), `none`."""
    variables: tuple[VariableSpec, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ConfigFileSpec:
    """A configuration file of the system itself; a path that ends in `/` is a folder."""

    name: str
    path: str
    title: str = ""
    format: str = "text"
    """`json`, `yaml`, `env`, `text`, `python`, `nginx`."""
    owner: str = ""
    validate_with: str = ""
    """The command that checks it."""
    max_age_s: float | None = None
    apply: str = "restart"
    """`restart`, `recreate`, `reload`, `none`."""
    read_by: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class BackupSpec:
    """Something that is copied, and how a copy is proven."""

    name: str
    target: str
    """May hold strftime codes; an existing copy is never written over."""
    title: str = ""
    kind: str = "file"
    """`file`, `json`, `archive`, `redis`, `sqlite`, `postgres`, `command`."""
    sources: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Where older copies are looked for too."""
    service: str = ""
    command: str = ""
    mode: int = 0o600
    keep_s: float | None = None
    keep_at_least: int = 1
    max_age_s: float | None = None
    schedule: str = ""
    """Five fields of cron, where cron makes it."""
    schedule_line: str = ""
    offsite: str = ""
    restore_needs_stop: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class RepoSpec:
    """A git checkout that releases come from."""

    name: str
    path: str
    title: str = ""
    remote: str = "origin"
    branch: str = "main"
    url: str = ""
    service: str = ""
    venv: str = ""
    requirements: str = ""
    deploy: str = ""
    rollback: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TuningSpec:
    """Values that are set together."""

    name: str
    title: str = ""
    env_file: str = ""
    values: tuple[tuple[str, str], ...] = ()
    redis: tuple[tuple[str, str], ...] = ()
    services: tuple[str, ...] = ()
    danger: str = "H"
    note: str = ""


@dataclass(frozen=True, slots=True)
class ScaleSpec:
    """How a service gets more replicas or room."""

    name: str
    kind: str
    """`kubernetes`, `swarm`, `compose`."""
    service: str
    title: str = ""
    namespace: str = ""
    deployment: str = ""
    replicas: int | None = None
    image: str = ""
    file: str = ""
    limits: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class TriggerSpec:
    """How jobs of a scheduler are started by hand."""

    name: str
    service: str
    base_url: str
    paths: tuple[str, ...]
    """Tried in order; `{job}` stands for the job."""
    method: str = "POST"
    jobs: tuple[str, ...] = ()
    success: str = "success"
    cron_variables: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ComposeSpec:
    """Where the compose project of a system lives."""

    project: str = ""
    files: tuple[str, ...] = ()
    optional_files: tuple[str, ...] = ()
    """Files of add-ons: `docker-compose.monitoring.yml` is that of `monitoring`."""
    folder: str = ""
    env_file: str = ""


@dataclass(frozen=True, slots=True)
class ProcedureStep:
    """One step; `kind` says which of the others speaks."""

    title: str
    kind: str
    """`check`, `log`, `view`, `action`, `command`, `wait`, `human`, `procedure`."""
    what: str = ""
    """The check, log, view, action, command or procedure, or what a person does."""
    target: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    wait_s: float = 0.0
    until: str = ""
    """`service/check` that has to be ok before it goes on."""
    within_s: float = 60.0
    is_gate: bool = False
    """Go no further unless it succeeded."""
    is_optional: bool = False
    """Of a procedure: a person says whether it is needed, and may skip it as a whole."""
    on_failure: str = "stop"
    """`stop`, `roll_back`, `go_on`."""
    link: str = ""
    note: str = ""
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcedureSpec:
    """Ordered steps with gates."""

    name: str
    title: str
    steps: tuple[ProcedureStep, ...]
    kind: str = "routine"
    when: str = ""
    every_s: float | None = None
    note: str = ""
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationsSpec:
    """Everything of one system, each tuple in the order of the configuration, names unique."""

    system: str
    root: str = ""
    compose: ComposeSpec | None = None
    commands: tuple[CommandSpec, ...] = ()
    env_files: tuple[EnvFileSpec, ...] = ()
    config_files: tuple[ConfigFileSpec, ...] = ()
    backups: tuple[BackupSpec, ...] = ()
    repos: tuple[RepoSpec, ...] = ()
    tuning: tuple[TuningSpec, ...] = ()
    scaling: tuple[ScaleSpec, ...] = ()
    triggers: tuple[TriggerSpec, ...] = ()
    procedures: tuple[ProcedureSpec, ...] = ()
    keys: tuple[KeyStoreSpec, ...] = ()
    tokens: tuple[TokenSpec, ...] = ()
