"""A system: the part of its configuration that says what is watched.

The part that says what may be done and known about it (`config.operations`) stands in the same
mapping of the file, and is read by models of its own only when the file has it.
"""

from pathlib import PurePosixPath

from config.fields import Name, PathText, RedisAddress, SecretText
from config.section import Section
from config.services import LogFile, Service, StatusPage


class Redis(Section):
    """The Redis-compatible server of a system."""

    url: RedisAddress | None = None
    password: SecretText | None = None
    """A reference; used when the address has none."""
    username: str = ""
    ca_file: PathText | None = None
    commands_per_s: float = 200.0
    """Looking never costs the server more."""
    note: str = ""


class ComposeProject(Section):
    """The compose project of a system."""

    project: str = ""
    files: tuple[PathText, ...] = ()
    """Compose files in the order they are given to it."""
    optional_files: tuple[PathText, ...] = ()
    """Files of add-ons, such as `docker-compose.monitoring.yml`: the add-on `monitoring`."""
    folder: PathText | None = None
    """Where it is called; none: the system's root."""
    env_file: PathText | None = None
    """The file it takes variables from; none: its own `.env`."""


class System(Section):
    """One deployment."""

    title: str = ""
    profile: str = ""
    """The shipped profile, or a file of your own, that this system starts from."""
    root: PathText | None = None
    """Folder of the deployment; relative paths of the system start here."""
    compose: ComposeProject | None = None
    redis: Redis | None = None
    services: dict[Name, Service] = {}
    status_pages: dict[Name, StatusPage] = {}
    logs: dict[Name, LogFile] = {}
    """Logs that belong to no service."""
    note: str = ""


def profile_name(system: System) -> str:
    """Return what a system is called in its profile; empty: it has none."""
    return PurePosixPath(system.profile).stem
