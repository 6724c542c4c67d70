"""Small worlds for `tests.crashes` with a PostgreSQL database of their own."""

import atexit
import functools
from pathlib import Path

from core.model.action import ActionRequest
from tests.crash_engine import ask, name_of
from tests.crashes import Scenario
from tests.real.postgres import OwnPostgres


@functools.cache
def _server() -> OwnPostgres:
    """Return the server of this process; each world has a database of it."""
    own = OwnPostgres()
    own.start()
    atexit.register(own.stop)
    return own


def _name(folder: Path) -> str:
    return name_of(folder).replace("-", "_")


def _database(folder: Path) -> str:
    own, name = _server(), _name(folder)
    own.ask(f"CREATE DATABASE {name}")
    own.ask("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 1000)", name)
    (folder / ".env").write_text(f"DATABASE_URL={own.url(name)}\n", "utf-8")
    return (
        "    env_files:\n      env: {path: .env, apply: none}\n"
        "    backups:\n      data: {kind: postgres, sources: [DATABASE_URL], "
        'target: "backup/data-%Y%m%d-%H%M%S.dump", restore_needs_stop: false}\n'
    )


def _restore(folder: Path) -> ActionRequest:
    _server().ask("DELETE FROM t WHERE n > 10; CREATE TABLE later (n int)", _name(folder))
    return ActionRequest("backup.restore", "shop/data")


def _rows(folder: Path) -> object:
    """Return what is in the database, and whatever else the server has that is not another's."""
    own, name = _server(), _name(folder)
    tables = own.ask(
        "SELECT relname FROM pg_class WHERE relname IN ('t', 'later') ORDER BY 1", name
    )
    others = own.ask("SELECT count(*) FROM pg_database WHERE datname ~ '^qd_[0-9a-f]{16}_'")
    return own.ask("SELECT count(*), sum(n) FROM t", name), tables, others


def _dumps(folder: Path) -> object:
    """Return how many copies are there, with their manifests, and what lies beside."""
    place = folder / "backup"
    found = sorted(one.suffix for one in place.iterdir()) if place.is_dir() else []
    return found, _rows(folder)


def _dropped(folder: Path) -> None:
    _server().ask(f"DROP DATABASE IF EXISTS {_name(folder)} WITH (FORCE)")


_NEEDS = ("postgres",)

POSTGRES = (
    Scenario(
        "backup.create, postgres", _database, ask("backup.create", "data"), _dumps, _dropped,
        needs=_NEEDS,
    ),
    Scenario(
        "backup.restore, postgres", _database, _restore, _rows, _dropped,
        first=ask("backup.create", "data"), needs=_NEEDS,
    ),
)  # fmt: skip
