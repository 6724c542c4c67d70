"""PostgreSQL through its own tools: passwords by a private file, never in argv or environment."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from core.actions.families.backups_sets import control_of
from core.actions.ports import Ports
from core.clients.acting.commands import Order, Ran
from core.errors import ActionError, ClientError, ClientMissing, StepFailedError
from core.model.env_text import parse_env
from core.model.secret import Secret
from core.model.text import SafeText, clean

_VARIABLE = re.compile("[A-Z][A-Z0-9_]*")
_NAME = re.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")
_TOOL_S = 6 * 3600.0
_ASK_S = 30.0
_SCHEMES = ("postgres", "postgresql")


@dataclass(frozen=True, slots=True)
class Database:
    """Where a database is, and who we are there; what is empty is libpq's to decide."""

    name: str
    host: str = ""
    """Also the folder of a socket."""
    port: str = ""
    user: str = ""
    password: Secret = Secret("")  # noqa: RUF009 - frozen
    tls: str = ""

    @property
    def flags(self) -> tuple[str, ...]:
        """The words of every tool."""
        pairs = (("host", self.host), ("port", self.port), ("username", self.user))
        return ("--no-password", *(f"--{key}={value}" for key, value in pairs if value))


def is_literal_secret(source: str) -> bool:
    """Tell whether a source has a password in it, which would end up in plans."""
    return "://" in source and bool(urlsplit(source).password)


async def database_of(ports: Ports, source: str, env_files: tuple[str, ...]) -> Database:
    """Return the database that a source names: a name, a URL, or a variable that holds a URL.

    Raises:
        ActionError: it names none.
    """
    if _VARIABLE.fullmatch(source) and env_files:
        source = await _variable(ports, source, env_files)
    try:
        return parse_database(source)
    except ValueError as error:
        # Not the source itself: a variable's value may be a password that was misplaced.
        raise ActionError(
            "the source of a postgres backup is the name of a database, a postgresql:// URL,"
            " or a variable of an env file that holds one"
        ) from error


async def _variable(ports: Ports, name: str, env_files: tuple[str, ...]) -> str:
    for path in env_files:
        try:
            values = parse_env(await ports.files.read(path)).values()
        except ClientMissing:
            continue
        if values.get(name):
            return values[name]
    searched = ", ".join(env_files)
    raise ActionError(f"{name} is not set in {clean(searched)}")


def parse_database(source: str) -> Database:
    """Return what a name or URL says.

    Raises:
        ValueError: it is neither.
    """
    if "://" not in source:
        return Database(_name(source))
    url = urlsplit(source)
    if url.scheme.partition("+")[0] not in _SCHEMES:
        raise ValueError(url.scheme)
    query = parse_qs(url.query)
    return Database(
        name=_name(unquote(url.path.lstrip("/"))),
        host=query.get("host", [url.hostname or ""])[0],
        port=str(url.port or ""),
        user=unquote(url.username or query.get("user", [""])[0]),
        password=Secret(unquote(url.password or "")),
        tls=query.get("sslmode", [""])[0],
    )


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("no name of a database")
    return text


class Postgres:
    """One database, asked through psql, pg_dump and pg_restore."""

    def __init__(self, ports: Ports, database: Database) -> None:
        self._ports = ports
        self.database = database

    async def dump(self, path: str) -> None:
        """Dump into a file that is there already, private.

        Raises:
            StepFailedError, ClientError: pg_dump refused; the file may hold anything.
        """
        argv = ("pg_dump", "--format=custom", *self.database.flags, f"--file={path}")
        await self._run((*argv, f"--dbname={self.database.name}"), _TOOL_S)

    async def restore(self, path: str, into: str) -> None:
        """Restore a dump into an empty database; the first error ends it."""
        argv = ("pg_restore", "--exit-on-error", *self.database.flags, f"--dbname={into}")
        await self._run((*argv, "--", path), _TOOL_S)

    async def ask(self, sql: str, *, database: str = "postgres") -> tuple[SafeText, ...]:
        """Run statements in one transaction where they may be, and return the lines of rows."""
        argv = ("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align")
        more = ("--set=ON_ERROR_STOP=1", *self.database.flags, f"--dbname={database}")
        ran = await self._run((*argv, *more, f"--command={sql}"), _ASK_S)
        return tuple(line for line in ran.output if line)

    async def version(self, tool: str = "pg_dump") -> str:
        """Return a tool's version."""
        ran = await self._ports.commands.run(Order((tool, "--version"), _ASK_S))
        return ran.output[0].rpartition(" ")[2] if ran.output else ""

    async def names(self) -> frozenset[str]:
        """Return the databases of the server."""
        return frozenset(await self.ask("SELECT datname FROM pg_database"))

    async def _run(self, argv: tuple[str, ...], deadline_s: float) -> Ran:
        async with self._surroundings() as env:
            ran = await self._ports.commands.run(Order(argv, deadline_s, env=env))
        if ran.exit_code != 0:
            said = " ".join(ran.errors[:3]) or "it said nothing"
            raise StepFailedError(f"{argv[0]} ended with {ran.exit_code}: {said}")
        return ran

    @asynccontextmanager
    async def _surroundings(self) -> AsyncGenerator[tuple[tuple[str, str], ...]]:
        """Yield the environment of a tool; the password's file is gone afterwards."""
        env = (("PGCONNECT_TIMEOUT", "10"), ("PGAPPNAME", "quarterdeck"))
        if self.database.tls:
            env = (*env, ("PGSSLMODE", self.database.tls))
        if not self.database.password:
            yield env
            return
        control = control_of(self._ports)
        escaped = re.sub(r"([\\:])", r"\\\1", self.database.password.reveal())
        path = await control.hold_secret(Secret(f"*:*:*:*:{escaped}\n"))
        try:
            yield (*env, ("PGPASSFILE", path))
        finally:
            await control.let_go(path)


def quoted(name: str) -> str:
    """Return an identifier for SQL; the grammar of names has no quote in it."""
    return f'"{_name(name)}"'


def as_text(name: str) -> str:
    """Return a name as a text of SQL."""
    return f"'{_name(name)}'"


def why_no_tool(ports: Ports, *tools: str) -> str:
    """Return which of the tools is missing; empty: none."""
    for tool in tools:
        try:
            ports.commands.which(tool)
        except ClientError as error:
            return str(error)
    return ""
