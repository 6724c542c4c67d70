"""The whole of `quarterdeck.yaml`."""

from typing import Literal

from config.fields import DockerAddress, Name, PathText
from config.policy import Policy
from config.section import Section
from config.state import State
from config.systems import System
from config.thresholds import Threshold
from core.model.topology import Environment


class Host(Section):
    """The machine this runs on."""

    log_folders: tuple[PathText, ...] = ()
    """Folders whose size is shown on Host & metrics, besides those of the systems' logs."""
    thresholds: dict[Name, Threshold] = {}
    """For cpu_percent, memory_percent, swap_percent, disk_percent, load_per_core."""


class DockerHost(Section):
    """The Docker engine."""

    url: DockerAddress | None = None
    """None: DOCKER_HOST, else the usual socket."""


class LogFormat(Section):
    """A format of log lines that is not known otherwise."""

    pattern: str
    """A regular expression for a whole line; its groups `time`, `level`, `logger`, `message` mean
    what they say, every other named group becomes a field."""
    time_format: str = ""
    """As for `strptime`; none: any form that is known."""
    note: str = ""


class Settings(Section):
    """Configuration of Quarterdeck: what is watched, and how the console looks and behaves."""

    version: Literal[1]
    """Of this format."""
    environment: Environment = Environment.PRODUCTION
    """Badge, colour and confirmation rung."""
    label: str = ""
    """What the header calls this place; none: the host name."""
    read_only: bool = False
    """Refuse every action."""
    war_room: bool = False
    """Larger type of the verdicts, for a wall or a shared screen."""
    theme: str = ""
    keymap: dict[str, str] = {}
    """Binding id to keys, such as `app.help: f1`."""
    include: tuple[str, ...] = ()
    """Files laid beneath this one, in order; `profile:NAME` for a shipped profile."""
    host: Host | None = None
    docker: DockerHost | None = None
    log_formats: dict[Name, LogFormat] = {}
    """Tried before the known ones, in this order."""
    state: State | None = None
    policy: Policy | None = None
    systems: dict[Name, System] = {}
