"""Backups with the real tools: PostgreSQL dumped and restored, rsync, tar; no secret gets out."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import psutil
import pytest

from core.actions.families import backups, restore
from core.model.action import Phase, Proof
from core.model.action_state import ActionState
from core.model.operation import BackupSpec, EnvFileSpec, OperationsSpec
from tests.real.postgres import OwnPostgres
from tests.unit.core.actions.families.backup_stage import BackupStage
from tests.unit.core.actions.stage import Killed, Places

CREATE, VERIFY, EXPIRE, SEND = backups.ACTIONS
[RESTORE] = restore.ACTIONS
CANARY = "canary-7f3a91"

pytestmark = [pytest.mark.real("tar")]


def is_done(state: ActionState) -> bool:
    return state.phase is Phase.COMMITTED and state.proof is Proof.VERIFIED


@pytest.fixture
def server() -> Iterator[OwnPostgres]:
    own = OwnPostgres(CANARY)
    own.start()
    try:
        own.ask("CREATE DATABASE shop")
        own.ask("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 1000)", "shop")
        yield own
    finally:
        own.stop()


def stage_with(server: OwnPostgres, folder: Path) -> BackupStage:
    root = folder / "shop"
    operations = OperationsSpec(
        "shop",
        str(root),
        env_files=(EnvFileSpec("main", f"{root}/.env"),),
        backups=(
            BackupSpec(
                "db", f"{root}/backup_%Y%m%d.dump", kind="postgres", sources=("DATABASE_URL",)
            ),
        ),
    )  # fmt: skip
    stage = BackupStage(folder, operations)
    (root / ".env").write_text(f"# main\nDATABASE_URL={server.url('shop')}\n")
    return stage


def dump_of(stage: BackupStage) -> Path:
    [dump] = stage.root.glob("backup_*.dump")
    return dump


def databases(server: OwnPostgres) -> set[str]:
    return set(server.ask("SELECT datname FROM pg_database WHERE NOT datistemplate").split())


@pytest.mark.real("postgres")
def test_a_database_is_dumped_proven_and_put_back(server: OwnPostgres, tmp_path: Path) -> None:
    stage = stage_with(server, tmp_path)
    state = stage.do(CREATE, "shop/db")
    assert is_done(state), state.text
    assert dump_of(stage).stat().st_mode & 0o777 == 0o600
    server.ask("DELETE FROM t WHERE n > 10; CREATE TABLE later (n int)", "shop")
    state = stage.do(RESTORE, "shop/db")
    assert is_done(state), state.text
    assert server.ask("SELECT count(*) FROM t", "shop") == "1000"
    assert server.ask("SELECT to_regclass('later') IS NULL", "shop") == "t"
    assert databases(server) == {"postgres", "shop"}
    [safe] = [one for one in stage.root.glob("shop.db.before-restore.*") if one.suffix != ".json"]
    assert is_done(stage.do(RESTORE, "shop/db", copy=safe.name))
    assert server.ask("SELECT count(*) FROM t", "shop") == "10"


def _is_ours(pid: int) -> bool:
    """Tell whether we started a process, or one of those did; others test beside us."""
    try:
        return os.getpid() in {one.pid for one in psutil.Process(pid).parents()}
    except psutil.Error:
        return False


@pytest.mark.real("postgres")
def test_the_password_is_seen_in_no_command_line_plan_or_output(
    server: OwnPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other tests keep theirs where the machine has memory for it.
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(secrets))
    seen: set[str] = set()
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    words = path.read_bytes()
                    is_tool = re.search(rb"/(psql|pg_dump|pg_restore)\0", words)
                    if is_tool and _is_ours(int(path.parent.name)):
                        seen.add(words.decode("utf-8", "replace"))
                        seen.add((path.parent / "environ").read_text("utf-8", "replace"))
            is_over.wait(0.002)

    stage = stage_with(server, tmp_path)
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        assert is_done(stage.do(CREATE, "shop/db"))
        assert is_done(stage.do(RESTORE, "shop/db"))
    finally:
        is_over.set()
        thread.join()
    assert any(f"PGPASSFILE={secrets}" in one for one in seen), "the watcher saw the tools"
    assert not any(CANARY in one for one in seen)
    kept = [one for one in tmp_path.rglob("*") if one.is_file() and one.name != ".env"]
    assert not [one for one in kept if CANARY.encode() in one.read_bytes()]
    assert not list(secrets.iterdir())


@pytest.mark.real("postgres")
@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text"])
def test_a_damaged_dump_is_refused_before_any_danger(
    server: OwnPostgres, tmp_path: Path, damage: str
) -> None:
    stage = stage_with(server, tmp_path)
    stage.do(CREATE, "shop/db")
    dump = dump_of(stage)
    raw = dump.read_bytes()
    half = len(raw) // 2
    bad = {
        "cut": raw[: -len(raw) // 10],
        "flipped": raw[:half] + bytes([raw[half] ^ 1]) + raw[half + 1 :],
        "empty": b"",
        "text": b"-- PostgreSQL database dump\n",
    }
    dump.write_bytes(bad[damage])
    assert stage.plan(RESTORE, "shop/db", copy=dump.name).is_stopped
    Path(f"{dump}.manifest.json").unlink()
    if damage != "flipped":  # without a manifest nobody can know of one bit within a row
        plan = stage.plan(RESTORE, "shop/db", copy=dump.name)
        assert plan.is_stopped, plan.preflight
    assert databases(server) == {"postgres", "shop"}


@pytest.mark.real("postgres")
def test_while_somebody_is_connected_nothing_is_exchanged_and_they_are_named(
    server: OwnPostgres, tmp_path: Path
) -> None:
    stage = stage_with(server, tmp_path)
    stage.do(CREATE, "shop/db")
    server.ask("DELETE FROM t", "shop")
    user = server.connect("shop")
    try:
        while (
            server.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'somebody'")
            == "0"
        ):
            assert user.poll() is None
        state = stage.do(RESTORE, "shop/db")
    finally:
        user.communicate()
    assert state.phase is Phase.ROLLED_BACK
    assert "somebody" in state.text
    assert server.ask("SELECT count(*) FROM t", "shop") == "0"
    assert databases(server) == {"postgres", "shop"}


@pytest.mark.real("postgres")
def test_killed_between_any_two_steps_the_name_belongs_to_one_of_them(
    server: OwnPostgres, tmp_path: Path
) -> None:
    stage = stage_with(server, tmp_path)
    stage.do(CREATE, "shop/db")
    server.ask("DELETE FROM t", "shop")
    ends: set[Phase] = set()
    for name in ("begun", "applied", "done", "observed"):
        for nth in range(3):
            stage.plan(RESTORE, "shop/db")
            places = _KillAtNth(name, nth)
            stage.execute(cast("Places", places))
            state = stage.recover(Places())
            ends.add(state.phase)
            count = server.ask("SELECT count(*) FROM t", "shop")
            assert count == ("1000" if state.phase is Phase.COMMITTED else "0"), (name, nth)
            assert databases(server) == {"postgres", "shop"}, (name, nth)
            server.ask("DELETE FROM t", "shop")
    assert ends == {Phase.COMMITTED, Phase.ROLLED_BACK}


class _KillAtNth:
    """Kills at the n-th passing of a place of the engine."""

    is_armed = True

    def __init__(self, name: str, nth: int) -> None:
        self._name, self._left = name, nth

    def __call__(self, name: str) -> None:
        if name == self._name:
            self._left -= 1
            if self._left < 0:
                raise Killed(name)


@pytest.mark.real("postgres")
def test_a_server_that_is_gone_leaves_no_empty_dump(server: OwnPostgres, tmp_path: Path) -> None:
    stage = stage_with(server, tmp_path)
    (stage.root / ".env").write_text(f"DATABASE_URL={server.url('nowhere')}\n")
    state = stage.do(CREATE, "shop/db")
    assert state.phase is Phase.ROLLED_BACK
    assert "nowhere" in state.text
    assert not [one for one in stage.root.iterdir() if one.name != ".env"]


def sending(folder: Path) -> BackupStage:
    root = folder / "shop"
    (folder / "away").mkdir()
    spec = BackupSpec(
        "keys", f"{root}/b/keys_%Y%m%d.json", kind="json", sources=(f"{root}/keys.json",),
        offsite=f"{folder}/away/",
    )  # fmt: skip
    stage = BackupStage(folder, OperationsSpec("shop", str(root), backups=(spec,)))
    (root / "keys.json").write_text("{}")
    assert is_done(stage.do(CREATE, "shop/keys"))
    return stage


@pytest.mark.real("rsync")
def test_a_copy_and_its_manifest_arrive_at_the_other_place(tmp_path: Path) -> None:
    stage = sending(tmp_path)
    state = stage.do(SEND, "shop/keys")
    assert is_done(state), state.text
    names = sorted(one.name for one in (tmp_path / "away").iterdir())
    assert [one.partition(".json")[2] for one in names] == ["", ".manifest.json"]
    assert all(one.stat().st_mode & 0o077 == 0 for one in (tmp_path / "away").iterdir())


@pytest.mark.real("rsync")
def test_what_is_there_with_another_content_is_not_written_over(tmp_path: Path) -> None:
    stage = sending(tmp_path)
    [copy] = [one for one in (stage.root / "b").iterdir() if "manifest" not in one.name]
    (tmp_path / "away" / copy.name).write_text("something else, longer")
    state = stage.do(SEND, "shop/keys")
    assert state.phase is Phase.NEEDS_HUMAN
    assert (tmp_path / "away" / copy.name).read_text() == "something else, longer"


@pytest.mark.real("rsync")
def test_a_corrupted_copy_is_not_sent(tmp_path: Path) -> None:
    stage = sending(tmp_path)
    [copy] = [one for one in (stage.root / "b").iterdir() if "manifest" not in one.name]
    copy.write_text("[]")
    plan = stage.plan(SEND, "shop/keys")
    assert plan.is_stopped


def test_the_systems_own_tar_reads_our_backup(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    spec = BackupSpec("whole", f"{root}/w-%Y.tar.gz", kind="archive", sources=(str(root),))
    stage = BackupStage(tmp_path, OperationsSpec("shop", str(root), backups=(spec,)))
    (root / "data").mkdir()
    (root / "data" / "a").write_bytes(os.urandom(100_000))
    assert is_done(stage.do(CREATE, "shop/whole"))
    [made] = root.glob("w-*.tar.gz")
    (tmp_path / "new").mkdir()
    subprocess.run(["tar", "-xzf", str(made), "-C", str(tmp_path / "new")], check=True)
    assert (tmp_path / "new" / "data" / "a").read_bytes() == (root / "data" / "a").read_bytes()
