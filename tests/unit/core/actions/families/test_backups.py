"""Backups are made, proven, listed and expired, on a real disk and by the real engine."""

import asyncio
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.actions.backups.manifest import manifest_path
from core.actions.backups.validity import Validity
from core.actions.families.backups import ACTIONS, backup_views
from core.actions.part import Sight, thaw
from core.errors import ActionError
from core.model.action import Phase, Plan, Proof
from core.model.action_state import ActionState
from core.model.operation import BackupSpec, CommandSpec, OperationsSpec
from core.model.verdict import Verdict
from tests.unit.core.actions.families.backup_stage import BackupStage
from tests.unit.core.actions.stage import Places

CREATE, VERIFY, EXPIRE, SEND = ACTIONS
KINDS = ("file", "json", "archive", "sqlite")


def operations(root: Path) -> OperationsSpec:
    return OperationsSpec(
        "shop",
        str(root),
        backups=(
            BackupSpec("env", f"{root}/.env.%Y%m%d.backup", sources=(f"{root}/.env",)),
            BackupSpec(
                "keys", f"{root}/backups/keys_%Y%m%d.json", kind="json",
                sources=(f"{root}/keys.json",), keep_s=0.0, max_age_s=3600.0,
            ),
            BackupSpec(
                "whole", f"{root}/shop-%Y%m%d.tar.gz", kind="archive", sources=(f"{root}/.",)
            ),
            BackupSpec("db", f"{root}/db.%Y%m%d", kind="sqlite", sources=(f"{root}/shop.db",)),
            BackupSpec("redis", f"{root}/r-%s.rdb", kind="redis"),
            BackupSpec(
                "export", f"{root}/out/export-%Y.json", kind="command", command="export"
            ),
        ),
        commands=(
            CommandSpec(
                "export", ("sh", "-c", 'mkdir -p out; echo "{}" > out/export-2026.json'),
                cwd=str(root),
            ),
        ),
    )  # fmt: skip


@pytest.fixture
def stage(tmp_path: Path) -> BackupStage:
    stage = BackupStage(tmp_path, operations(tmp_path / "shop"))
    (stage.root / ".env").write_text("SECRET=1\n")
    (stage.root / "keys.json").write_text('{"keys": [1, 2]}')
    (stage.root / "data").mkdir()
    (stage.root / "data" / "a").write_text("a")
    with closing(sqlite3.connect(stage.root / "shop.db")) as database:
        database.execute("CREATE TABLE t (n)")
        database.execute("INSERT INTO t VALUES (1)")
        database.commit()
    return stage


def made(stage: BackupStage, name: str) -> list[Path]:
    """Copies of a set, without their manifests."""
    patterns = {
        "env": ".env.*.backup", "keys": "backups/keys_*.json", "whole": "shop-*.tar.gz",
        "db": "db.????????", "export": "out/export-*.json",
    }  # fmt: skip
    found = stage.root.glob(patterns[name])
    return sorted(one for one in found if not one.name.endswith(".manifest.json"))


def verified(state: ActionState) -> bool:
    return state.phase is Phase.COMMITTED and state.proof is Proof.VERIFIED


def step(plan: Plan) -> object:
    return thaw(plan.steps[0].part)


@pytest.mark.parametrize("name", ["env", "keys", "whole", "db", "export"])
def test_a_copy_is_made_with_a_manifest_and_proven(stage: BackupStage, name: str) -> None:
    state = stage.do(CREATE, f"shop/{name}")
    assert verified(state), state.text
    [copy] = made(stage, name)
    manifest = json.loads(Path(manifest_path(str(copy))).read_text())
    assert manifest["system"] == "shop"
    assert manifest["size_bytes"] == copy.stat().st_size
    if name != "export":
        assert copy.stat().st_mode & 0o777 == 0o600
    assert not list(stage.root.rglob("*.part"))


def test_a_second_one_of_the_same_day_does_not_touch_the_first(stage: BackupStage) -> None:
    stage.do(CREATE, "shop/keys")
    [first] = made(stage, "keys")
    before = first.read_bytes(), first.stat().st_ino
    (stage.root / "keys.json").write_text('{"keys": []}')
    assert verified(stage.do(CREATE, "shop/keys"))
    assert (first.read_bytes(), first.stat().st_ino) == before
    assert [one.name[-7:] for one in made(stage, "keys")] == ["-2.json", first.name[-7:]]


def test_an_archive_does_not_pack_the_backups_before_it(stage: BackupStage) -> None:
    for _ in range(2):
        stage.do(CREATE, "shop/whole")
    newest = made(stage, "whole")[0]
    manifest = json.loads(Path(manifest_path(str(newest))).read_text())
    names = {one["name"] for one in manifest["members"]}
    assert "data/a" in names
    assert not any(name.startswith("shop-") for name in names)


def test_a_whole_system_is_one_job_and_what_cannot_be_copied_is_named(stage: BackupStage) -> None:
    plan = stage.plan(CREATE, "shop/all")
    assert len(plan.steps) == 5
    assert any("redis is left out" in one.text for one in plan.preflight)
    assert verified(stage.execute())
    assert all(made(stage, name) for name in ("env", "keys", "whole", "db", "export"))


@pytest.mark.parametrize(
    ("target", "why"),
    [("shop/redis", "has no Redis"), ("shop/keys", "not there"), ("shop/env", "link or device")],
)
def test_what_cannot_be_copied_stops_the_plan_with_the_reason(
    stage: BackupStage, target: str, why: str
) -> None:
    (stage.root / "keys.json").unlink()
    (stage.root / ".env").unlink()
    (stage.root / ".env").symlink_to("/etc/hostname")
    plan = stage.plan(CREATE, target)
    assert plan.is_stopped
    assert any(why in one.text for one in plan.preflight)


@pytest.mark.parametrize("target", ["shop/nothing", "bank/keys"])
def test_an_unknown_set_or_system_is_refused_with_those_there_are(
    stage: BackupStage, target: str
) -> None:
    with pytest.raises(ActionError, match=r"it has|there are"):
        stage.plan(CREATE, target)


def test_json_that_is_none_is_not_called_a_backup(stage: BackupStage) -> None:
    (stage.root / "keys.json").write_text('{"keys": [1,')
    state = stage.do(CREATE, "shop/keys")
    assert state.phase is Phase.ROLLED_BACK
    assert "no JSON" in state.text
    assert not made(stage, "keys")
    assert not list((stage.root / "backups").iterdir())


def test_a_command_that_makes_nothing_made_no_backup(tmp_path: Path) -> None:
    spec = operations(tmp_path / "shop")
    silent = CommandSpec("export", ("true",))
    stage = BackupStage(
        tmp_path, OperationsSpec("shop", spec.root, commands=(silent,), backups=spec.backups)
    )
    state = stage.do(CREATE, "shop/export")
    assert state.phase is Phase.ROLLED_BACK
    assert "0 new files" in state.text


async def test_the_list_says_what_each_is_worth(stage: BackupStage) -> None:
    (stage.root / "backups").mkdir()
    (stage.root / "backups" / "keys_20200101.json").write_text("{}")
    (stage.root / "backups" / "keys_20200102.json").write_text("")
    os.utime(stage.root / "backups" / "keys_20200101.json", (1_600_000_000, 1_600_000_000))
    [view] = [one for one in await backup_views(stage.site) if one.name == "keys"]
    assert view.verdict is Verdict.UNKNOWN
    assert [one.validity for one in view.copies] == [Validity.BAD, Validity.UNVERIFIED]


def test_a_good_one_is_listed_as_good_until_it_is_touched(stage: BackupStage) -> None:
    stage.do(CREATE, "shop/keys")

    def seen() -> tuple[Verdict, Validity]:
        views = asyncio.run(backup_views(stage.site, ("shop",)))
        [view] = [one for one in views if one.name == "keys"]
        return view.verdict, view.copies[0].validity

    assert seen() == (Verdict.OK, Validity.GOOD)
    [copy] = made(stage, "keys")
    copy.write_bytes(copy.read_bytes())
    assert seen() == (Verdict.UNKNOWN, Validity.UNVERIFIED)
    copy.write_bytes(copy.read_bytes()[:-1])
    assert seen() == (Verdict.UNKNOWN, Validity.BAD)
    copy.unlink()
    assert seen() == (Verdict.UNKNOWN, Validity.BAD)


@pytest.mark.parametrize("name", ["env", "keys", "whole", "db"])
def test_one_flipped_bit_is_found_by_verify(stage: BackupStage, name: str) -> None:
    stage.do(CREATE, f"shop/{name}")
    assert verified(stage.do(VERIFY, f"shop/{name}"))
    [copy] = made(stage, name)
    facts, raw = copy.stat(), bytearray(copy.read_bytes())
    raw[len(raw) // 2] ^= 1
    copy.write_bytes(bytes(raw))
    os.utime(copy, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    state = stage.do(VERIFY, f"shop/{name}")
    assert state.phase is Phase.ROLLED_BACK
    assert "sha256" in state.text


def backdated(stage: BackupStage, count: int) -> list[Path]:
    """Make copies of `keys`, the first one oldest."""
    for number in range(count):
        stage.do(CREATE, "shop/keys")
        for copy in made(stage, "keys"):
            beside = Path(manifest_path(str(copy)))
            values = json.loads(beside.read_text())
            values["made_at_s"] -= 86_400.0 * (number + 1)
            beside.write_text(json.dumps(values))
    return made(stage, "keys")


def test_what_is_past_its_term_goes_with_its_manifest_and_the_newest_stays(
    stage: BackupStage,
) -> None:
    backdated(stage, 3)
    plan = stage.plan(EXPIRE, "shop/keys")
    assert len(plan.preview) == 2
    assert all(one.is_irreversible for one in plan.steps)
    state = stage.execute()
    assert state.phase is Phase.COMMITTED
    assert len(made(stage, "keys")) == 1
    assert len(list((stage.root / "backups").iterdir())) == 2


def test_the_only_good_one_is_never_offered(stage: BackupStage) -> None:
    backdated(stage, 1)
    plan = stage.plan(EXPIRE, "shop/keys")
    assert plan.is_stopped
    assert not plan.steps


def test_when_the_one_that_stays_has_gone_meanwhile_nothing_is_deleted(stage: BackupStage) -> None:
    copies = backdated(stage, 2)
    stage.plan(EXPIRE, "shop/keys")
    for copy in copies:
        copy.write_bytes(b"{}")
    state = stage.execute()
    assert state.phase is Phase.ABORTED
    assert "changed since the plan" in state.text
    assert made(stage, "keys") == copies


@pytest.mark.parametrize("name", ["keys", "whole", "db"])
def test_killed_anywhere_it_ends_with_a_whole_copy_or_with_none(tmp_path: Path, name: str) -> None:
    """Every place of engine and copies is a place to die at; recovery always comes to an end."""
    probe = _fresh(tmp_path, "probe")
    probe.plan(CREATE, f"shop/{name}")
    places = Places()
    probe.execute(places)
    ends: set[Phase] = set()
    for at in range(len(places.passed)):
        stage = _fresh(tmp_path, f"at-{at}")
        stage.plan(CREATE, f"shop/{name}")
        stage.execute(Places(at))
        state = stage.recover()
        copies = made(stage, name)
        place = places.passed[at]
        if state.begun_s is None:
            assert not copies, place
            continue
        assert state.is_ended, place
        assert state.phase in {Phase.COMMITTED, Phase.ROLLED_BACK, Phase.ABORTED}, place
        assert len(copies) == (1 if state.phase is Phase.COMMITTED else 0), place
        if copies:
            assert verified(stage.do(VERIFY, f"shop/{name}")), place
        assert not list(stage.root.rglob(".*.part")), place
        assert not list(stage.root.rglob("*.tmp")), place
        ends.add(state.phase)
    assert ends == {Phase.COMMITTED, Phase.ROLLED_BACK, Phase.ABORTED}


def _fresh(folder: Path, name: str) -> BackupStage:
    (folder / name).mkdir()
    stage = BackupStage(folder / name, operations(folder / name / "shop"))
    (stage.root / "keys.json").write_text("{}")
    with closing(sqlite3.connect(stage.root / "shop.db")) as database:
        database.execute("CREATE TABLE t (n)")
    return stage


def test_a_copy_of_somebody_else_is_neither_and_is_left_alone(stage: BackupStage) -> None:
    plan = stage.plan(CREATE, "shop/keys")
    one = step(plan)
    path = Path(one.path)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
    path.parent.mkdir()
    path.write_text("theirs")
    seen = asyncio.run(one.observe(stage.ports()))  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType, reportUnknownVariableType]
    assert seen.sight is Sight.NEITHER  # pyright: ignore[reportUnknownMemberType]
    state = stage.execute()
    assert state.phase is Phase.ABORTED
    assert path.read_text() == "theirs"
