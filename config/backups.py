"""Backups, retention of logs, and the git checkouts that releases come from."""

from typing import Annotated, Literal

from config.fields import Duration, Matches, OperationId, PathText
from config.section import Section

Cron = Annotated[str, Matches(r"^\S+( +\S+){4}$", "five fields, such as 0 2 * * *")]
"""Five fields."""


class Backup(Section):
    """Something that is copied, and how a copy is proven."""

    title: str = ""
    kind: Literal["file", "json", "archive", "redis", "sqlite", "postgres", "command"] = "file"
    sources: tuple[PathText, ...] = ()
    target: PathText
    """May hold strftime codes; an existing copy is never written over."""
    also: tuple[PathText, ...] = ()
    """Where older copies are looked for too."""
    service: str = ""
    """The service whose data it is; stopped for a restore where `restore_needs_stop`."""
    command: str = ""
    """For kind `command`: the command that makes it."""
    mode: Annotated[str, Matches("^0?[0-7]{3}$", "three octal digits, such as 600")] = "600"
    keep: Duration | None = None
    keep_at_least: int = 1
    """Newest copies that are never deleted."""
    max_age: Duration | None = None
    """The newest copy should not be older."""
    schedule: Cron = ""
    """When cron makes it, if it does."""
    schedule_line: str = ""
    """The crontab line as the runbook has it."""
    offsite: str = ""
    """Where copies are sent, such as `s3://bucket/` or `host:/folder/`."""
    restore_needs_stop: bool = True
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class Retention(Section):
    """How long a class of logs is kept."""

    keep: Duration
    compress_after: Duration | None = None
    paths: tuple[PathText, ...] = ()
    """Files of the class beyond those of the logs that name it."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class Repo(Section):
    """A git checkout that releases come from."""

    title: str = ""
    path: PathText
    remote: str = "origin"
    branch: str = "main"
    url: str = ""
    service: str = ""
    venv: PathText | None = None
    requirements: PathText | None = None
    deploy: str = ""
    """The procedure that deploys."""
    rollback: str = ""
    """The procedure that goes back."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()
