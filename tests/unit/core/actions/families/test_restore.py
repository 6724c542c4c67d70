"""A backup is put back whole, or what lived lives on; killed anywhere, one of the two."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.actions.backups.manifest import manifest_path
from core.actions.families import backups, restore
from core.actions.families.restore_steps import Exchange, PutBeside
from core.actions.folder import FolderWork
from core.actions.part import Sight, Step, thaw
from core.errors import ActionError, StepFailedError
from core.model.action import Danger, Phase, Plan, Proof
from core.model.action_state import ActionState
from core.model.ids import ServiceId
from core.model.operation import BackupSpec, OperationsSpec
from core.model.topology import ServiceSpec, SystemdUnit
from tests.fakes.acting_units import FakeUnits, unit_facts
from tests.unit.core.actions.families.backup_stage import BackupStage
from tests.unit.core.actions.stage import Places

CREATE = backups.ACTIONS[0]
VERIFY = backups.ACTIONS[1]
[RESTORE] = restore.ACTIONS


def operations(root: Path) -> OperationsSpec:
    return OperationsSpec(
        "shop",
        str(root),
        backups=(
            BackupSpec(
                "keys", f"{root}/backups/keys_%Y%m%d.json", kind="json",
                sources=(f"{root}/keys.json",), also=(f"{root}/keys.json.backup",),
            ),
            BackupSpec(
                "data", f"{root}/../data-%Y.tar.gz", kind="archive", sources=(f"{root}/data",)
            ),
            BackupSpec("whole", f"{root}/shop-%Y%m%d.tar", kind="archive", sources=(f"{root}",)),
            BackupSpec("db", f"{root}/db.%Y%m%d", kind="sqlite", sources=(f"{root}/shop.db",)),
            BackupSpec("redis", f"{root}/r-%s.rdb", kind="redis"),
            BackupSpec("export", f"{root}/export.sql", kind="command", command="export"),
            BackupSpec(
                "config", f"{root}/config-%Y.tar.gz", kind="archive",
                sources=(f"{root}/keys.json", f"{root}/data"),
            ),
        ),
    )  # fmt: skip


def fill(root: Path, word: str) -> None:
    """Give the system a state that can be told by its word."""
    (root / "keys.json").write_text(json.dumps({"state": word}))
    (root / "keys.json").chmod(0o640)
    (root / "data").mkdir(exist_ok=True)
    (root / "data" / "a").write_text(word)
    with closing(sqlite3.connect(root / "shop.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE IF NOT EXISTS t (word TEXT)")
        database.execute("DELETE FROM t")
        database.execute("INSERT INTO t VALUES (?)", (word,))
        database.commit()


def state_of(root: Path, name: str) -> str:
    if name == "keys":
        return str(json.loads((root / "keys.json").read_text())["state"])
    if name == "db":
        with closing(sqlite3.connect(root / "shop.db")) as database:
            return str(database.execute("SELECT word FROM t").fetchone()[0])
    return (root / "data" / "a").read_text()


def ready(folder: Path) -> BackupStage:
    """A system with backups of its first state, which lives in its second."""
    stage = BackupStage(folder, operations(folder / "shop"))
    fill(stage.root, "then")
    return stage


NAMES = ("keys", "data", "whole", "db")


@pytest.fixture
def stage(tmp_path: Path) -> BackupStage:
    return ready(tmp_path)


def backed_up(stage: BackupStage, name: str) -> Path:
    """Make a backup of the first state, and let the system come to its second."""
    assert stage.do(CREATE, f"shop/{name}").phase is Phase.COMMITTED
    target = {
        "keys": "backups/keys_*.json",
        "data": "../data-*.tar.gz",
        "whole": "shop-*.tar",
        "db": "db.????????",
    }[name]
    fill(stage.root, "now")
    [copy] = [one for one in stage.root.glob(target) if not one.name.endswith("manifest.json")]
    return copy


def left_beside(stage: BackupStage) -> list[Path]:
    return [
        one
        for one in stage.folder.rglob(".*")
        if one.name.endswith((".new", ".id", ".full", ".part", ".tmp", ".old"))
    ]


def is_done(state: ActionState) -> bool:
    return state.phase is Phase.COMMITTED and state.proof is Proof.VERIFIED


@pytest.mark.parametrize("name", NAMES)
def test_what_the_backup_held_lives_again(stage: BackupStage, name: str) -> None:
    backed_up(stage, name)
    state = stage.do(RESTORE, f"shop/{name}")
    assert is_done(state), state.text
    assert state_of(stage.root, name) == "then"
    assert not left_beside(stage)


@pytest.mark.parametrize("name", NAMES)
def test_what_lived_before_is_a_backup_by_then_and_can_be_put_back(
    stage: BackupStage, name: str
) -> None:
    backed_up(stage, name)
    assert is_done(stage.do(RESTORE, f"shop/{name}"))
    safe = [
        one for one in stage.folder.rglob("shop.*.before-restore.*") if "manifest" not in one.name
    ]
    assert len(safe) == 1
    assert is_done(stage.do(VERIFY, f"shop/{name}", copy=safe[0].name))
    state = stage.do(RESTORE, f"shop/{name}", copy=safe[0].name)
    assert is_done(state), state.text
    assert state_of(stage.root, name) == "now"


def test_an_archive_of_several_places_is_put_back_to_each(stage: BackupStage) -> None:
    stage.do(CREATE, "shop/config")
    fill(stage.root, "now")
    (stage.root / "other").write_text("stays")
    state = stage.do(RESTORE, "shop/config")
    assert is_done(state), state.text
    assert {state_of(stage.root, "keys"), state_of(stage.root, "data")} == {"then"}
    assert (stage.root / "keys.json").stat().st_mode & 0o777 == 0o640
    assert (stage.root / "other").read_text() == "stays"
    assert not left_beside(stage)


def test_a_place_that_the_archive_does_not_hold_is_named(stage: BackupStage) -> None:
    (stage.root / "config-2026.tar.gz").write_bytes(b"")
    subprocess.run(["tar", "-czf", "config-2026.tar.gz", "keys.json"], cwd=stage.root, check=True)
    with pytest.raises(ActionError, match=r"holds nothing of .*data"):
        stage.plan(RESTORE, "shop/config")


def test_mode_and_owner_of_what_lives_are_kept(stage: BackupStage) -> None:
    backed_up(stage, "keys")
    (stage.root / "keys.json").chmod(0o604)
    stage.do(RESTORE, "shop/keys")
    assert (stage.root / "keys.json").stat().st_mode & 0o777 == 0o604


def test_what_is_gone_comes_back_with_the_mode_it_had(stage: BackupStage) -> None:
    backed_up(stage, "keys")
    (stage.root / "keys.json").unlink()
    plan = stage.plan(RESTORE, "shop/keys")
    assert plan.danger is Danger.INTERRUPT
    assert is_done(stage.execute())
    assert (stage.root / "keys.json").stat().st_mode & 0o777 == 0o640


def test_files_that_the_backup_does_not_have_stay_unless_they_are_to_go(
    stage: BackupStage,
) -> None:
    backed_up(stage, "whole")
    (stage.root / "new.txt").write_text("made since")
    (stage.root / "link").symlink_to("data/a")
    assert is_done(stage.do(RESTORE, "shop/whole"))
    assert (stage.root / "new.txt").read_text() == "made since"
    assert (stage.root / "link").readlink() == Path("data/a")
    assert is_done(stage.do(RESTORE, "shop/whole", others="remove"))
    assert not (stage.root / "new.txt").exists()
    assert list(stage.root.glob("shop-*.tar")), "the backups themselves always stay"


def test_the_plan_shows_what_would_change_with_counts(stage: BackupStage) -> None:
    backed_up(stage, "data")
    (stage.root / "data" / "b").write_text("made since")
    plan = stage.plan(RESTORE, "shop/data", others="remove")
    assert "0 added, 1 changed, 0 the same, 1 removed" in plan.preview
    assert "- b" in plan.preview
    assert plan.danger is Danger.DESTROY


def flip(copy: Path) -> None:
    facts, raw = copy.stat(), bytearray(copy.read_bytes())
    raw[len(raw) // 2] ^= 1
    copy.write_bytes(bytes(raw))
    os.utime(copy, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def edit_manifest(**changes: object) -> Callable[[Path], None]:
    def edit(copy: Path) -> None:
        beside = Path(manifest_path(str(copy)))
        beside.write_text(json.dumps(json.loads(beside.read_text()) | changes))

    return edit


def truncate(copy: Path) -> None:
    os.truncate(copy, copy.stat().st_size // 2)


CORRUPTIONS: dict[str, tuple[Callable[[Path], None], str]] = {
    "one bit flipped": (flip, "sha256"),
    "truncated": (truncate, "bytes, its manifest says"),
    "empty": (lambda copy: os.truncate(copy, 0), "0 bytes"),
    "of another host": (edit_manifest(host="elsewhere"), "made on elsewhere"),
    "of another system": (edit_manifest(system="bank"), "of bank/"),
    "of another set": (edit_manifest(set="env"), "/env, not shop/"),
    "of a newer version": (edit_manifest(format=2), "newer version"),
    "with a damaged manifest": (edit_manifest(sha256="x"), "damaged"),
    "with another hash": (edit_manifest(sha256="0" * 64), "sha256"),
    "gone": (lambda copy: copy.unlink(), "missing"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", CORRUPTIONS)
def test_a_corrupted_backup_is_refused_before_any_danger(
    stage: BackupStage, case: str, name: str
) -> None:
    copy = backed_up(stage, name)
    corrupt, why = CORRUPTIONS[case]
    corrupt(copy)
    plan = stage.plan(RESTORE, f"shop/{name}", copy=copy.name)
    assert plan.is_stopped
    assert any(why in one.text for one in plan.preflight), plan.preflight
    assert not plan.steps


@pytest.mark.parametrize("name", ["data", "whole"])
def test_a_member_that_its_manifest_does_not_have_is_found(stage: BackupStage, name: str) -> None:
    copy = backed_up(stage, name)
    beside = Path(manifest_path(str(copy)))
    values = json.loads(beside.read_text())
    values["members"] = values["members"][1:]
    beside.write_text(json.dumps(values))
    plan = stage.plan(RESTORE, f"shop/{name}")
    assert plan.is_stopped


@pytest.mark.parametrize("name", NAMES)
def test_one_corrupted_after_the_plan_is_refused_too(stage: BackupStage, name: str) -> None:
    copy = backed_up(stage, name)
    stage.plan(RESTORE, f"shop/{name}")
    flip(copy)
    state = stage.execute()
    assert state.phase in {Phase.ROLLED_BACK, Phase.ABORTED}
    assert state_of(stage.root, name) == "now"
    assert not left_beside(stage)


def test_another_hosts_backup_can_be_accepted_by_name(stage: BackupStage) -> None:
    edit_manifest(host="elsewhere")(backed_up(stage, "keys"))
    plan = stage.plan(RESTORE, "shop/keys", from_host="elsewhere")
    assert not plan.is_stopped
    assert is_done(stage.execute())


def test_one_without_a_manifest_says_that_it_is_not_known_to_be_whole(stage: BackupStage) -> None:
    (stage.root / "keys.json.backup").write_text('{"state": "by hand"}')
    plan = stage.plan(RESTORE, "shop/keys", copy="keys.json.backup")
    assert any("not known" in one.text for one in plan.preflight)
    assert is_done(stage.execute())
    assert state_of(stage.root, "keys") == "by hand"


@pytest.mark.parametrize("damage", ["not json at all", ""])
def test_what_lives_may_be_what_is_broken(stage: BackupStage, damage: str) -> None:
    backed_up(stage, "keys")
    (stage.root / "keys.json").write_text(damage)
    state = stage.do(RESTORE, "shop/keys")
    if damage:
        assert is_done(state), state.text
        assert state_of(stage.root, "keys") == "then"


def test_a_damaged_database_is_kept_as_it_is_and_replaced(stage: BackupStage) -> None:
    backed_up(stage, "db")
    (stage.root / "shop.db").write_bytes(b"SQLite format 3\0" + os.urandom(8000))
    for name in ("shop.db-wal", "shop.db-shm"):
        (stage.root / name).unlink(missing_ok=True)
    state = stage.do(RESTORE, "shop/db")
    assert is_done(state), state.text
    assert state_of(stage.root, "db") == "then"


def test_a_database_that_is_in_use_is_not_replaced(stage: BackupStage) -> None:
    backed_up(stage, "db")
    with closing(sqlite3.connect(stage.root / "shop.db")) as user:
        user.execute("BEGIN IMMEDIATE")
        state = stage.do(RESTORE, "shop/db")
    assert state.phase is Phase.ROLLED_BACK
    assert "in use" in state.text
    assert state_of(stage.root, "db") == "now"
    assert not left_beside(stage)


def test_a_link_in_the_place_is_not_replaced(stage: BackupStage) -> None:
    backed_up(stage, "keys")
    (stage.root / "keys.json").rename(stage.root / "real.json")
    (stage.root / "keys.json").symlink_to("real.json")
    plan = stage.plan(RESTORE, "shop/keys")
    assert plan.is_stopped


def test_an_archive_of_the_runbook_is_put_where_it_belongs(stage: BackupStage) -> None:
    """`tar -czf … /opt/app` holds opt/app/…: unpacked in /opt it would come to /opt/opt/app."""
    target = stage.folder / "data-2026.tar.gz"
    where = str(stage.root / "data").lstrip("/")
    subprocess.run(["tar", "-czf", str(target), "-C", "/", where], check=True)
    (stage.root / "data" / "a").write_text("now")
    state = stage.do(RESTORE, "shop/data")
    assert is_done(state), state.text
    assert sorted(one.name for one in (stage.root / "data").iterdir()) == ["a"]
    assert state_of(stage.root, "data") == "then"


@pytest.mark.parametrize("name", NAMES)
def test_killed_anywhere_either_the_old_or_the_restored_lives(tmp_path: Path, name: str) -> None:
    """Every place of engine and disk is a place to die at; for two of the kinds every third."""
    probe = _ready_to_restore(tmp_path, "probe", name)
    places = Places()
    probe.execute(places)
    for at in range(0, len(places.passed), 1 if name in {"keys", "whole"} else 3):
        stage = _ready_to_restore(tmp_path, f"at-{at}", name)
        stage.execute(Places(at))
        _assert_one_lives(stage, name, places.passed[at], is_ended=False)
        state = stage.recover()
        _assert_one_lives(stage, name, places.passed[at], is_ended=state.begun_s is not None)


@pytest.mark.parametrize("at_share", [0.5, 0.7, 0.85])
def test_killed_again_while_it_is_recovered_it_comes_to_the_same_end(
    tmp_path: Path, at_share: float
) -> None:
    probe = _ready_to_restore(tmp_path, "probe", "whole")
    places = Places()
    probe.execute(places)
    first = int(len(places.passed) * at_share)
    second = _ready_to_restore(tmp_path, "second", "whole")
    second.execute(Places(first))
    recovering = Places()
    second.recover(recovering)
    for at in range(len(recovering.passed)):
        stage = _ready_to_restore(tmp_path, f"at-{at}", "whole")
        stage.execute(Places(first))
        stage.recover(Places(at))
        stage.recover()
        _assert_one_lives(stage, "whole", recovering.passed[at], is_ended=True)


def _ready_to_restore(folder: Path, run: str, name: str) -> BackupStage:
    """A stage with a backup, planned to be restored; the backup itself is made once."""
    template = folder / "template"
    if not template.exists():
        template.mkdir()
        backed_up(ready(template), name)
        shutil.rmtree(template / "locks")
    shutil.copytree(template, folder / run, symlinks=True)
    stage = BackupStage(folder / run, operations(folder / run / "shop"))
    stage.plan(RESTORE, f"shop/{name}")
    return stage


def _assert_one_lives(stage: BackupStage, name: str, place: str, *, is_ended: bool) -> None:
    word = state_of(stage.root, name)
    assert word in {"then", "now"}, place
    if not is_ended:
        return
    state = stage.state
    assert state.phase in {Phase.COMMITTED, Phase.ROLLED_BACK, Phase.ABORTED}, (place, state.text)
    assert word == ("then" if state.phase is Phase.COMMITTED else "now"), place
    if state.phase is not Phase.COMMITTED or "left behind" not in state.text:
        assert not left_beside(stage), place


def test_each_step_says_before_after_and_before_again(stage: BackupStage) -> None:
    """Applied and undone by hand, in order and back, as the engine does it."""
    backed_up(stage, "whole")
    plan = stage.plan(RESTORE, "shop/whole")
    sights = asyncio.run(_there_and_back(stage, plan))
    assert sights == [(Sight.BEFORE, Sight.AFTER, Sight.BEFORE)] * 4
    assert state_of(stage.root, "whole") == "now"


async def _there_and_back(stage: BackupStage, plan: Plan) -> list[tuple[Sight, Sight, Sight]]:
    ports, work = stage.ports(), FolderWork(stage.action)
    steps: list[Step] = [thaw(one.part) for one in plan.steps if not one.is_after_proof]
    before: list[Sight] = []
    after: list[Sight] = []
    undone: list[Sight] = []
    for one in steps:
        before.append((await one.observe(ports)).sight)
        await one.save(ports, work)
        await one.apply(ports, work)
        after.append((await one.observe(ports)).sight)
    for one in reversed(steps):
        await one.undo(ports, work)
        await one.undo(ports, work)
        undone.append((await one.observe(ports)).sight)
    return list(zip(before, after, reversed(undone), strict=True))


def test_what_was_put_half_way_is_told_and_removed(stage: BackupStage) -> None:
    backed_up(stage, "whole")
    plan = stage.plan(RESTORE, "shop/whole")
    put: PutBeside = thaw(plan.steps[0].part)
    half = Path(f"{put.staged}.part")
    (half / "it" / "data").mkdir(parents=True)
    (half / "it" / "data" / "a").write_text("th")
    Path(put.staged).mkdir()

    async def seen() -> list[Sight]:
        ports, work = stage.ports(), FolderWork(stage.action)
        first = (await put.observe(ports)).sight
        await put.undo(ports, work)
        return [first, (await put.observe(ports)).sight]

    assert asyncio.run(seen()) == [Sight.NEITHER, Sight.BEFORE]
    assert not left_beside(stage)
    assert state_of(stage.root, "whole") == "now"


def test_what_lived_is_never_removed_as_if_it_had_been_put_there(stage: BackupStage) -> None:
    """Undone in a wrong order: the old one stands beside, and stays."""
    backed_up(stage, "keys")
    plan = stage.plan(RESTORE, "shop/keys")
    put: PutBeside = thaw(plan.steps[0].part)
    exchange: Exchange = thaw(plan.steps[2].part)

    async def wrongly() -> None:
        ports, work = stage.ports(), FolderWork(stage.action)
        await put.apply(ports, work)
        await exchange.apply(ports, work)
        await put.undo(ports, work)

    with pytest.raises(StepFailedError, match="lived before"):
        asyncio.run(wrongly())
    assert json.loads(Path(put.staged).read_text())["state"] == "now"


class Diary:
    """Real backups that note when what lives changes."""

    def __init__(self, inner: object, units: FakeUnits) -> None:
        self._inner = inner
        self._units = units

    def __getattr__(self, name: str) -> Any:
        if name in {"put", "swap", "copy_file"}:
            self._units.asked.append((name, ""))
        return getattr(self._inner, name)


def served(folder: Path, units: FakeUnits, *, is_needed: bool = True) -> BackupStage:
    """A system whose keys belong to a unit, and a backup of its first state."""
    name = ServiceId("shop", "api")
    service = ServiceSpec(name, "API", SystemdUnit("api.service"), ())
    spec = operations(folder / "shop")
    keys = replace(spec.backups[0], service="api", restore_needs_stop=is_needed)
    stage = BackupStage(folder, replace(spec, backups=(keys,)), (service,), units=units)
    fill(stage.root, "then")
    backed_up(stage, "keys")
    return stage


@pytest.fixture
def units() -> FakeUnits:
    fake = FakeUnits()
    fake.put(unit_facts("api.service"))
    return fake


def test_the_service_stops_only_around_the_copy_and_the_exchange(
    tmp_path: Path, units: FakeUnits
) -> None:
    stage = served(tmp_path, units)
    stage.plan(RESTORE, "shop/keys")
    stage.diary = lambda inner: Diary(inner, units)
    units.asked.clear()
    state = stage.execute()
    assert state.phase is Phase.COMMITTED, state.text
    assert state_of(stage.root, "keys") == "then"
    order = [one for one, _ in units.asked]
    assert order == ["put", "stop", "copy_file", "swap", "start"]


def test_a_service_that_does_not_come_back_gets_the_old_one_again(
    tmp_path: Path, units: FakeUnits
) -> None:
    stage = served(tmp_path, units)
    stage.plan(RESTORE, "shop/keys")
    units.broken.add("api.service")
    state = stage.execute()
    assert state.phase in {Phase.ROLLED_BACK, Phase.NEEDS_HUMAN}
    assert state_of(stage.root, "keys") == "now"


def test_a_service_that_is_stopped_stays_so(tmp_path: Path, units: FakeUnits) -> None:
    units.put(unit_facts("api.service", "inactive", "dead"))
    stage = served(tmp_path, units)
    state = stage.do(RESTORE, "shop/keys")
    assert is_done(state), state.text
    assert units.asked == []


def test_a_set_that_needs_no_stop_stops_nothing(tmp_path: Path, units: FakeUnits) -> None:
    stage = served(tmp_path, units, is_needed=False)
    assert is_done(stage.do(RESTORE, "shop/keys"))
    assert units.asked == []


def test_what_a_command_made_is_listed_with_the_reason_against_it(stage: BackupStage) -> None:
    reasons = {one.target: one.reason_against for one in RESTORE.offers(stage.site)}
    assert "runbook" in reasons["shop/export"]
    assert reasons["shop/redis"] == ""
