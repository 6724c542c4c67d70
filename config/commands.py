"""Commands of the systems themselves, tuning profiles, scaling and job triggers."""

from typing import Annotated, Literal

from config.fields import Duration, Matches, Name, OperationId, PathText, Variable
from config.section import Section

Danger = Annotated[str, Matches("^[RLMHD]$", "one of R, L, M, H, D")]
"""R read, L leaves a copy, M changes state and is easily undone, H interrupts, D destroys."""


class Judge(Section):
    """How a command's result is told, where the exit code does not tell it."""

    exit: tuple[int, ...] = (0,)
    says: tuple[str, ...] = ()
    """Texts that success prints."""
    never_says: tuple[str, ...] = ()
    """Texts that are a failure whatever the exit code."""
    report: PathText | None = None
    """A JSON report that it writes."""
    report_path: str = ""
    report_equals: str = ""
    fresh: Duration | None = None
    """The report must not be older."""


class Background(Section):
    """A command that does not end: a server for a while, which is no service of the system."""

    log: PathText
    """What it prints is appended to it."""
    known_by: tuple[str, ...] = ()
    """Words of its process, where they are others than those that start it."""


class Command(Section):
    """A program of the system, run as words without a shell."""

    title: str = ""
    argv: tuple[str, ...]
    """`{name}` stands for an input."""
    inputs: dict[Name, str] = {}
    """Input to what it is; an input called `secret…` is never shown."""
    cwd: PathText | None = None
    """None: the system's root, or the container's own."""
    inside: str = ""
    """The service in whose container it runs."""
    danger: Danger = "R"
    timeout: Duration = 120.0
    environment: dict[Variable, str] = {}
    """Plain values only."""
    judge: Judge | None = None
    background: Background | None = None
    """It is a server: started on its own, and ended by `command.stop`."""
    absent: str = ""
    """What it means that the program is not there."""
    alternatives: tuple[str, ...] = ()
    """Commands to use where it is absent."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class Tuning(Section):
    """Values that are set together."""

    title: str = ""
    env_file: str = ""
    values: dict[Variable, str] = {}
    redis: dict[str, str] = {}
    """Redis configuration names and values."""
    services: tuple[str, ...] = ()
    """Services that have to take them over."""
    danger: Danger = "H"
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class Scale(Section):
    """How a service gets more replicas or room."""

    title: str = ""
    kind: Literal["kubernetes", "swarm", "compose"]
    service: str
    namespace: str = ""
    deployment: str = ""
    replicas: int | None = None
    image: str = ""
    file: PathText | None = None
    limits: dict[str, str] = {}
    """Resource limits: cpus, memory."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class JobTrigger(Section):
    """How jobs of a scheduler are started by hand."""

    service: str
    paths: tuple[Annotated[str, Matches("^/")], ...]
    """Tried in order; `{job}` stands for the job."""
    method: Annotated[str, Matches("^(POST|PUT|GET)$")] = "POST"
    jobs: tuple[str, ...] = ()
    success: str = "success"
    """The word of the body's `status` that means it worked."""
    cron_variables: dict[str, Variable] = {}
    """Job to the variable that holds its cron expression."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()
