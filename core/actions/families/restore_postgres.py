"""Put a PostgreSQL dump back: into a database of its own, then both change names at once.

`ALTER DATABASE … RENAME` runs inside a transaction, so that the name belongs to the old one or to
the restored one. A comment on the restored database tells them apart.
"""

import secrets
from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.backups.validity import Judged
from core.actions.families.backups_checking import problem_with
from core.actions.families.backups_make import backup_target, free_path, local_now
from core.actions.families.backups_postgres import (
    Postgres,
    as_text,
    database_of,
    is_literal_secret,
    quoted,
    why_no_tool,
)
from core.actions.families.backups_sets import before_restore, control_of, read_manifest
from core.actions.families.backups_steps import MakeBackup, PlaceTrait
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.errors import ActionError, StepFailedError
from core.model.action import Danger, Grade, Preflight, Proof, Target
from core.model.operation import BackupSpec
from core.model.text import SafeText, clean

_LONG_S = 6 * 3600.0
_FORM = "postgres"
_TABLES = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema'"
    " AND n.nspname NOT LIKE 'pg\\_%'"
)


async def _server(ports: Ports, source: str, env_files: tuple[str, ...]) -> Postgres:
    return Postgres(ports, await database_of(ports, source, env_files))


async def _mark(server: Postgres, name: str) -> str:
    """Return the comment on a database; the name passes our grammar."""
    rows = await server.ask(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database"  # noqa: S608
        f" WHERE datname = {as_text(name)}"
    )
    return rows[0] if rows else ""


def _new(token: str) -> str:
    return f"qd_{token}_new"


def _old(token: str) -> str:
    return f"qd_{token}_old"


def _said(token: str) -> str:
    return f"restored by quarterdeck {token}"


@part
@dataclass(frozen=True, slots=True)
class RestoreAside:
    """The dump, proven once more, is restored into a database of its own."""

    kind: ClassVar[str] = "restore.postgres_aside"
    can_undo: ClassVar[bool] = True

    copy: str
    sha256: str
    source: str
    env_files: tuple[str, ...]
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """It is there and signed, or not there; unsigned it was cut off."""
        server = await _server(ports, self.source, self.env_files)
        name = _new(self.token)
        if name not in await server.names():
            return Seen(Sight.BEFORE, clean(f"there is no database {name}"))
        if await _mark(server, name) == _said(self.token):
            return Seen(Sight.AFTER, clean(f"database {name} is whole"))
        return Seen(Sight.NEITHER, clean(f"restoring into database {name} was cut off"))

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing living is changed."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Prove, make, restore, compare what it has with the dump's list, sign."""
        await self.undo(ports, work)
        manifest = await read_manifest(ports, self.copy)
        if problem := await problem_with(ports, self.copy, _FORM, manifest):
            raise StepFailedError(problem)
        if (await control_of(ports).digest(self.copy)).sha256 != self.sha256:
            raise StepFailedError(f"{clean(self.copy)} is another file than was planned")
        server = await _server(ports, self.source, self.env_files)
        name, own = _new(self.token), server.database.name
        rows = await server.ask(
            "SELECT pg_get_userbyid(datdba) FROM pg_database"  # noqa: S608 - a checked name
            f" WHERE datname = {as_text(own)}"
        )
        owner = f" OWNER {quoted(rows[0])}" if rows else ""
        await server.ask(f"CREATE DATABASE {quoted(name)} TEMPLATE template0{owner}")
        await server.restore(self.copy, name)
        tables = await server.ask(_TABLES, database=name)
        work.say(clean(f"database {name} has {tables[0]} tables"))
        await server.ask(f"COMMENT ON DATABASE {quoted(name)} IS '{_said(self.token)}'")

    async def undo(self, ports: Ports, work: Work) -> None:
        """Drop it; a pg_restore that outlived its executor is thrown out."""
        server = await _server(ports, self.source, self.env_files)
        await server.ask(f"DROP DATABASE IF EXISTS {quoted(_new(self.token))} WITH (FORCE)")


@part
@dataclass(frozen=True, slots=True)
class ExchangeDatabases:
    """The restored database takes the name, in one transaction."""

    kind: ClassVar[str] = "restore.postgres_exchange"
    can_undo: ClassVar[bool] = True

    source: str
    env_files: tuple[str, ...]
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """Whose the name is, by its comment."""
        server = await _server(ports, self.source, self.env_files)
        name = server.database.name
        if name not in await server.names():
            return Seen(Sight.NEITHER, clean(f"there is no database {name}"))
        if await _mark(server, name) == _said(self.token):
            return Seen(Sight.AFTER, clean(f"database {name} is the restored one"))
        return Seen(Sight.BEFORE, clean(f"database {name} is the old one"))

    async def save(self, ports: Ports, work: Work) -> None:
        """The old one keeps everything under another name."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Rename both; the server refuses while anybody is connected."""
        server = await _server(ports, self.source, self.env_files)
        name = server.database.name
        await _rename(server, (name, _old(self.token)), (_new(self.token), name))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Rename both back."""
        if (await self.observe(ports)).sight is not Sight.AFTER:
            return
        server = await _server(ports, self.source, self.env_files)
        name = server.database.name
        await _rename(server, (name, _new(self.token)), (_old(self.token), name))


async def _rename(server: Postgres, *pairs: tuple[str, str]) -> None:
    statements = "; ".join(
        f"ALTER DATABASE {quoted(one)} RENAME TO {quoted(other)}" for one, other in pairs
    )
    try:
        await server.ask(f"BEGIN; {statements}; COMMIT")
    except StepFailedError as error:
        name = server.database.name
        rows = await server.ask(
            "SELECT count(*) || ' of ' || usename || ' (' || application_name || ')'"  # noqa: S608
            f" FROM pg_stat_activity WHERE datname = {as_text(name)}"
            " GROUP BY usename, application_name"
        )
        who = f"; connected: {', '.join(rows)}: stop them first" if rows else ""
        raise StepFailedError(f"{error}{who}") from error


@part
@dataclass(frozen=True, slots=True)
class DropOld(BareStep):
    """The old database goes, once everything was proven; its dump stays."""

    kind: ClassVar[str] = "restore.postgres_tidy"

    source: str
    env_files: tuple[str, ...]
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """It is there or not."""
        server = await _server(ports, self.source, self.env_files)
        is_there = _old(self.token) in await server.names()
        return Seen(Sight.BEFORE if is_there else Sight.AFTER, clean(_old(self.token)))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Drop it."""
        server = await _server(ports, self.source, self.env_files)
        await server.ask(f"DROP DATABASE IF EXISTS {quoted(_old(self.token))}")


@part
@dataclass(frozen=True, slots=True)
class DatabaseRestored:
    """The name belongs to the restored database, and it answers."""

    kind: ClassVar[str] = "restore.postgres_restored"

    source: str
    env_files: tuple[str, ...]
    token: str

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Ask it for its tables."""
        step = ExchangeDatabases(self.source, self.env_files, self.token)
        seen = await step.observe(ports)
        if seen.sight is not Sight.AFTER:
            return Proven(Proof.FAILED, seen.text)
        server = await _server(ports, self.source, self.env_files)
        tables = await server.ask(_TABLES, database=server.database.name)
        return Proven(Proof.VERIFIED, clean(f"{seen.text}, {tables[0]} tables"))


async def draft_restore_postgres(
    site: Site, system: str, spec: BackupSpec, chosen: Judged, worth: tuple[Preflight, ...]
) -> Draft:
    """Return the way from one database to the other.

    Raises:
        ActionError: the set names no database.
    """
    source, token = spec.sources[0], secrets.token_hex(8)
    if is_literal_secret(source):
        raise ActionError("the source has a password in it: name a variable of an env file")
    env_files = tuple(one.path for one in site.operations_of(system).env_files)
    name = (await database_of(site.ports, source, env_files)).name
    copy = chosen.copy
    sha256 = (
        copy.manifest.sha256
        if copy.manifest
        else (await control_of(site.ports).digest(copy.path)).sha256
    )
    folder, stamp = copy.path.rpartition("/")[0], f"{local_now(site):%Y%m%d-%H%M%S}"
    path = await free_path(site, f"{folder}/{before_restore(system, spec.name)}{stamp}", set())
    return Draft(
        title=clean(f"restore database {name} from {copy.path}"),
        targets=(
            backup_target(site, system, spec.name),
            Target("database", f"{control_of(site.ports).host()}:{source}", clean(name)),
        ),
        steps=_steps(system, spec, (copy.path, sha256, path), source, env_files, token),
        traits=(DraftTrait(clean(f"the backup {copy.path}"), PlaceTrait(copy.path)),),
        proofs=(
            DraftProof(
                clean(f"database {name} is the restored one"),
                DatabaseRestored(source, env_files, token),
            ),
        ),
        radius=(
            clean(
                f"database {name} becomes what it was in the backup; later rows are gone from it"
            ),
        ),
        preflight=(*worth, _tools(site.ports)),
        preview=(clean(f"{name}: all tables are those of {copy.path}"),),
        downtime=SafeText("whoever uses it has to be stopped for the exchange of names"),
        way_back=SafeText("both databases change names again; a dump of the old one stays"),
        danger=Danger.DESTROY,
    )


def _tools(ports: Ports) -> Preflight:
    missing = why_no_tool(ports, "psql", "pg_dump", "pg_restore")
    grade = Grade.STOP if missing else Grade.PASS
    return Preflight("the tools", grade, clean(missing or "psql, pg_dump, pg_restore"))


def _steps(
    system: str,
    spec: BackupSpec,
    files: tuple[str, str, str],
    source: str,
    env_files: tuple[str, ...],
    token: str,
) -> tuple[DraftStep, ...]:
    copy, sha256, safe = files
    dump = MakeBackup(
        system, spec.name, _FORM, ((source, ""),), safe, spec.target, spec.mode, token, env_files
    )
    back = SafeText("it is removed")
    return (
        DraftStep(
            clean(f"restore {copy} into a database of its own"),
            RestoreAside(copy, sha256, source, env_files, token), _LONG_S, undo=back,
        ),
        DraftStep(clean(f"dump what lives now to {safe}, proven"), dump, _LONG_S, undo=back),
        DraftStep(
            SafeText("exchange the names of the two databases"),
            ExchangeDatabases(source, env_files, token),
            undo=SafeText("the names are exchanged back"),
        ),
        DraftStep(
            SafeText("drop the old database; its dump stays"),
            DropOld(source, env_files, token),
            is_irreversible=True,
            is_after_proof=True,
        ),
    )  # fmt: skip
