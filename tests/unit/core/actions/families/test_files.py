"""Env and configuration files, tuning and folders: on fakes, at every place of a kill."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.actions.action import Draft
from core.actions.families.files import ACTIONS
from core.actions.families.files_steps import EditFile, is_half
from core.actions.part import Sight
from core.actions.work import digest
from core.clients.acting.commands import Order, Ran
from core.errors import ActionError, ClientRefused
from core.model.action import Danger, Grade
from core.model.operation import (
    CommandSpec,
    ComposeSpec,
    ConfigFileSpec,
    EnvFileSpec,
    OperationsSpec,
    TuningSpec,
    VariableSpec,
)
from core.model.text import clean
from core.model.topology import ComposeService, PlainProcess, SystemdUnit
from core.model.verdict import Verdict
from tests.fakes.acting_commands import ran
from tests.fakes.acting_files import FakeFiles, FakeWork, Kill, Killed
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored, warnings
from tests.fakes.acting_units import unit_facts
from tests.fakes.world import service

ENV = "/opt/shop/.env"
OLD = b"# limits\nLIMIT=5  # per second\nJWT_SECRET=hunter2\nexport URL='redis://r:6379/0'\n"
VARIABLES = (
    VariableSpec("LIMIT", kind="integer", least=1, most=100),
    VariableSpec("SIGNING", is_secret=True),
    VariableSpec("URL", is_required=True, kind="url"),
)
PROD = EnvFileSpec("prod", ENV, read_by=("api",), apply="recreate", variables=VARIABLES)
COMPOSE = ComposeSpec(project="shop", files=("/opt/shop/compose.yml",), folder="/opt/shop")
MODELS = ConfigFileSpec(
    "models", "/opt/shop/models.json", format="json", apply="none", validate_with="check",
    rules=("favorites is not empty", "default is one of favorites"),
)  # fmt: skip
CHECK = CommandSpec("check", ("checker", "--all"), cwd="/opt/shop")
OPERATIONS = OperationsSpec(
    "shop", "/opt/shop", COMPOSE, (CHECK,), (PROD,), (MODELS,),
    tuning=(
        TuningSpec("web", "Web", "prod", (("LIMIT", "50"), ("BURST", "7")), services=("api",)),
        TuningSpec("evict", redis=(("maxmemory-policy", "allkeys-lru"),)),
    ),
)  # fmt: skip
AS_COMPOSE = service("api", runs_as=ComposeService("shop", "api"))
AS_UNIT = service("api", runs_as=SystemdUnit("api.service"))
AS_PROCESS = service(
    "api", runs_as=PlainProcess(("server", "run"), "/srv", "", "", ("server", "run"))
)


@pytest.fixture
def files() -> FakeFiles:
    made = FakeFiles()
    made.put(ENV, OLD, mode=0o640, uid=1000, gid=1000)
    made.put("/opt/shop/models.json", b'{"favorites": ["a"], "default": "a"}', mode=0o644)
    made.folders = {"/opt/shop": 7, "/opt": 6, "/": 5}
    return made


@pytest.fixture
def ground(files: FakeFiles) -> Ground:
    made = Ground(files=files)
    made.units.put(unit_facts("api.service"))
    made.engine.put("shop_api_1", "api")
    made.commands.answers[("docker", "compose", "version")] = ran(0, "2.30.1")
    made.commands.answers[("docker", "compose", "-f")] = lambda order: compose(made, order)
    made.commands.answers[("checker",)] = ran(0, "all is well")
    return made


def compose(ground: Ground, order: Order) -> Ran:
    """Do what compose does with its one service; it is made anew under the same name."""
    engine = ground.engine
    if order.argv[-1] == "config":
        return ran(0, "services:\n  api:\n    image: shop/api")
    (old,) = engine.containers
    facts = engine.containers[old]
    if "stop" in order.argv:
        engine.containers[old] = replace(facts, status=clean("exited"), pid=None)
    elif "up" in order.argv and "--dry-run" not in order.argv:
        del engine.containers[old]
        new = f"{len(ground.commands.orders):064d}"
        began = facts.started_at
        assert began is not None
        engine.containers[new] = replace(
            facts, id=new, status=clean("running"), pid=1, started_at=began + timedelta(seconds=9)
        )
        engine.makes[new] = replace(engine.makes.pop(old), id=new)
    return ran()


async def draft_of(
    ground: Ground, action: str, target: str, *services: Any, **inputs: str
) -> Draft:
    site = ground.site(*(services or (AS_COMPOSE,)), operations={"shop": OPERATIONS})
    return await drafted(ACTIONS, site, action, f"shop/{target}", **inputs)


async def test_a_value_is_set_and_the_service_made_anew(ground: Ground, files: FakeFiles) -> None:
    draft = await draft_of(ground, "env.set", "prod", LIMIT="50")
    assert await carry_out(draft, ground.ports) == ("verified", "")
    changed = files.files[ENV]
    assert changed.data == OLD.replace(b"LIMIT=5 ", b"LIMIT=50 ")
    assert (changed.mode, changed.uid, changed.gid) == (0o640, 1000, 1000)
    (copy,) = [path for path in files.files if ".backup." in path]
    assert (files.files[copy].data, files.files[copy].mode) == (OLD, 0o600)
    acted = [one.argv[-1] + " " + one.argv[6] for one in ground.commands.orders[-2:]]
    assert acted == ["api stop", "api up"]
    assert any("made anew, not restarted" in line for line in draft.radius)
    assert draft.danger is Danger.INTERRUPT


async def test_a_service_that_fails_with_the_new_value_gets_the_old_file_back(
    ground: Ground, files: FakeFiles
) -> None:
    draft = await draft_of(ground, "env.set", "prod", LIMIT="50")
    ground.checks["shop/api/health"] = [Verdict.DOWN]
    outcome, why = await carry_out(draft, ground.ports)
    assert outcome == "rolled_back", why
    assert files.files[ENV].data == OLD
    assert not [path for path in files.files if ".backup." in path or path.endswith(".tmp")]
    ups = [
        one for one in ground.commands.orders if "up" in one.argv and "--dry-run" not in one.argv
    ]
    assert len(ups) == 2, "made anew with the new file, and again with the old one"


@pytest.mark.parametrize("runs", [AS_UNIT, AS_PROCESS], ids=["unit", "process"])
async def test_others_are_stopped_changed_and_started(
    ground: Ground, files: FakeFiles, runs: Any
) -> None:
    ground.processes.put("server", "run")
    draft = await draft_of(ground, "env.set", "prod", runs, LIMIT="50")
    kinds = [type(one.step).__name__ for one in draft.steps]
    assert kinds.index("EditFile") == len(kinds) - 2
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert b"LIMIT=50 " in files.files[ENV].data


async def test_without_apply_only_the_file_changes(ground: Ground, files: FakeFiles) -> None:
    draft = await draft_of(ground, "env.set", "prod", LIMIT="50", apply="no", copy="no")
    assert [type(one.step) for one in draft.steps] == [EditFile]
    assert draft.danger is Danger.CHANGE
    assert "api reads it only when made anew, which is not done" in draft.radius
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert set(files.files) == {ENV, "/opt/shop/models.json"}


@pytest.mark.parametrize("moment", ["before", "amid", "after"])
@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("is_mounted", [False, True])
async def test_a_kill_anywhere_is_seen_for_what_it_is_and_undone(
    ground: Ground, files: FakeFiles, moment: str, at: int, is_mounted: bool
) -> None:
    files.files[ENV] = replace(files.files[ENV], is_mounted=is_mounted)
    draft = await draft_of(ground, "env.set", "prod", LIMIT="50", SIGNING="", apply="no")
    work = FakeWork()
    for one in draft.steps:
        await stored(one.step).save(ground.ports, work)
    files.kill = Kill(at, moment)
    applied: list[Any] = []

    async def apply_all() -> None:
        for one in draft.steps:
            applied.append(stored(one.step))
            await applied[-1].apply(ground.ports, work)

    with pytest.raises(Killed):
        await apply_all()
    seen = (await applied[-1].observe(ground.ports)).sight
    if is_mounted and at == 2 and moment == "amid":
        assert seen is Sight.NEITHER
    else:
        assert seen is (Sight.AFTER if moment == "after" else Sight.BEFORE)
    for _ in range(2):
        for step in reversed(applied):
            await step.undo(ground.ports, work)
            assert (await step.observe(ground.ports)).sight is Sight.BEFORE
    assert files.files[ENV].data == OLD
    assert set(files.files) == {ENV, "/opt/shop/models.json"}


async def test_a_file_that_somebody_else_changed_is_not_put_back(
    ground: Ground, files: FakeFiles
) -> None:
    draft = await draft_of(ground, "env.set", "prod", LIMIT="50", apply="no", copy="no")
    work = FakeWork()
    step = draft.steps[0].step
    await step.save(ground.ports, work)
    await step.apply(ground.ports, work)
    files.put(ENV, b"THEIRS=1\n")
    assert (await step.observe(ground.ports)).sight is Sight.NEITHER
    with pytest.raises(ActionError, match="somebody else"):
        await step.undo(ground.ports, work)
    assert files.files[ENV].data == b"THEIRS=1\n"


@pytest.mark.parametrize("cut", range(12))
@pytest.mark.parametrize(("old", "new"), [(b"abcdefgh", b"abXY"), (b"ab", b"abcdef"), (b"", b"x")])
def test_what_a_cut_off_writing_in_place_leaves_is_known(old: bytes, new: bytes, cut: int) -> None:
    found = new[:cut] + old[min(cut, len(new)) :]
    assert is_half(found, old, new)
    assert not is_half(found + b"theirs", old, new)


async def test_a_secret_comes_from_a_private_file_and_is_nowhere_else(
    ground: Ground, files: FakeFiles
) -> None:
    files.put("/root/new", b"topsecret9\n", mode=0o600)
    draft = await draft_of(ground, "env.set", "prod", JWT_SECRET="file:/root/new", apply="no")
    text = repr(draft)
    assert "topsecret9" not in text
    assert "hunter2" not in text
    assert "•••••••• (new value)" in text
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert b"JWT_SECRET=topsecret9\n" in files.files[ENV].data


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"JWT_SECRET": "plain"}, "is a secret: give it as"),
        ({"SIGNING": "plain"}, "is a secret: give it as"),
        ({"LIMIT": "file:/root/open"}, "may be read by others"),
        ({"LIMIT": "file:relative"}, "named from / on"),
        ({"LI MIT": "1"}, "no name of a variable"),
        ({"LIMIT": "a\x1bb"}, "control characters"),
        ({}, "nothing to set"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(
    ground: Ground, files: FakeFiles, inputs: dict[str, str], words: str
) -> None:
    files.put("/root/open", b"7", mode=0o644)
    with pytest.raises(ActionError, match=words):
        await draft_of(ground, "env.set", "prod", **inputs)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"LIMIT": "many"}, "LIMIT: is a whole number"),
        ({"LIMIT": "101"}, "LIMIT: is at most 100"),
        ({"LIMIT": "0"}, "LIMIT: is at least 1"),
        ({"unset": "URL"}, "URL: is required, and missing or empty"),
        ({"URL": "nowhere"}, None),
        ({"LIMIT": "5"}, "it says all of that already: nothing to change"),
    ],
)
async def test_a_value_out_of_its_rules_is_refused_before_anything_happens(
    ground: Ground, inputs: dict[str, str], words: str | None
) -> None:
    draft = await draft_of(ground, "env.set", "prod", apply="no", **inputs)
    if words is None:
        assert stops(draft)
    else:
        assert stops(draft) == [words]


async def test_what_was_wrong_before_is_told_and_not_refused(
    ground: Ground, files: FakeFiles
) -> None:
    files.put(ENV, b"LIMIT=many\nwhat is this\nA=1\nA=2\n")
    draft = await draft_of(ground, "env.set", "prod", A="3", apply="no")
    assert stops(draft) == []
    told = warnings(draft)
    assert "LIMIT: is a whole number" in told
    assert "line 2: is no NAME=value" in told
    assert "A stands there more than once; the last line counts" in told


async def test_links_second_names_and_full_disks_are_judged(
    ground: Ground, files: FakeFiles
) -> None:
    files.files["/opt/shop/real.env"] = files.files.pop(ENV)
    files.links[ENV] = "real.env"
    draft = await draft_of(ground, "env.set", "prod", LIMIT="6", apply="no")
    assert draft.targets[0].id == "/opt/shop/real.env"
    assert f"{ENV} is a link; /opt/shop/real.env is changed" in warnings(draft)
    files.links[ENV] = "../../etc/shadow"
    with pytest.raises(ActionError, match="leads out of"):
        await draft_of(ground, "env.set", "prod", LIMIT="6", apply="no")
    files.links[ENV] = ".env"
    with pytest.raises(ActionError, match="no end"):
        await draft_of(ground, "env.set", "prod", LIMIT="6", apply="no")
    del files.links[ENV]
    files.put(ENV, OLD, links=2)
    files.free = 1024
    assert len(stops(await draft_of(ground, "env.set", "prod", LIMIT="6", apply="no"))) == 2


async def test_a_missing_env_file_is_made_of_a_whole_text_only(
    ground: Ground, files: FakeFiles
) -> None:
    del files.files[ENV]
    draft = await draft_of(ground, "env.set", "prod", LIMIT="6", URL="http://x/", apply="no")
    assert any("env.edit" in text for text in stops(draft))
    files.put("/root/new.env", b"LIMIT=6\nURL=http://x/\n", mode=0o600)
    draft = await draft_of(ground, "env.edit", "prod", text="file:/root/new.env", apply="no")
    assert stops(draft) == []
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert files.files[ENV].mode == 0o600


async def test_a_tuning_profile_is_one_plan(ground: Ground, files: FakeFiles) -> None:
    draft = await draft_of(ground, "tuning.apply", "web")
    assert await carry_out(draft, ground.ports) == ("verified", "")
    assert files.files[ENV].data.endswith(b"BURST=7\n")
    assert b"LIMIT=50  # per second" in files.files[ENV].data
    with pytest.raises(ActionError, match="no Redis with an address"):
        await draft_of(ground, "tuning.apply", "evict")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", "json:"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": NaN}', "no number"),
        (b"\xff", "no UTF-8"),
        (b"[" * 100_000, "json:"),
        (b'{"favorites": [], "default": "a"}', "favorites is not empty: it is"),
        (b'{"favorites": ["b"], "default": "a"}', "default is one of favorites: no"),
    ],
)
async def test_a_broken_configuration_is_refused(
    ground: Ground, files: FakeFiles, text: bytes, words: str
) -> None:
    files.put("/root/new", text, mode=0o600)
    draft = await draft_of(ground, "config.edit", "models", text="file:/root/new")
    assert any(words in stop for stop in stops(draft)), stops(draft)


async def test_a_configuration_that_its_own_check_refuses_is_put_back(
    ground: Ground, files: FakeFiles
) -> None:
    files.put("/root/new", b'{"favorites": ["b"], "default": "b"}', mode=0o600)
    ground.commands.answers[("checker",)] = ran(1, "", "ImportError: no module")
    before = files.files["/opt/shop/models.json"].data
    draft = await draft_of(ground, "config.edit", "models", text="file:/root/new")
    outcome, why = await carry_out(draft, ground.ports)
    assert outcome == "rolled_back"
    assert "exit 1: ImportError: no module" in why
    assert files.files["/opt/shop/models.json"].data == before


async def test_a_full_disk_leaves_the_old_file(ground: Ground, files: FakeFiles) -> None:
    draft = await draft_of(ground, "env.set", "prod", LIMIT="50", apply="no", copy="no")

    async def full(*_: object) -> None:
        raise ClientRefused("the disk is full")

    files.replace = full  # type: ignore[method-assign]
    assert (await carry_out(draft, ground.ports))[0] == "rolled_back"
    assert files.files[ENV].data == OLD


async def test_a_handed_over_text_that_changed_since_is_refused(
    ground: Ground, files: FakeFiles
) -> None:
    files.put("/root/new", b"LIMIT=6\nURL=http://x/\n", mode=0o600)
    draft = await draft_of(ground, "env.edit", "prod", text="file:/root/new", apply="no")
    files.put("/root/new", b"LIMIT=7\n", mode=0o600)
    with pytest.raises(ActionError, match="has changed since the plan"):
        await carry_out(draft, ground.ports)
    assert files.files[ENV].data == OLD


async def test_compose_that_is_not_installed_stops_the_plan(ground: Ground) -> None:
    ground.commands.missing = {"docker", "docker-compose"}
    draft = await draft_of(ground, "env.set", "prod", LIMIT="50")
    assert any("no compose command" in text for text in stops(draft))


async def test_a_folder_is_made_and_moved_aside(ground: Ground, files: FakeFiles) -> None:
    draft = await draft_of(ground, "folder.create", "data/new")
    assert [one.step.path for one in draft.steps] == ["/opt/shop/data", "/opt/shop/data/new"]  # type: ignore[attr-defined]
    files.kill = Kill(2, "before")
    work = FakeWork()
    with pytest.raises(Killed):
        await carry_out(draft, ground.ports, work)
    for one in reversed(draft.steps):
        await one.step.undo(ground.ports, work)
        assert (await one.step.observe(ground.ports)).sight is Sight.BEFORE
    draft = await draft_of(ground, "folder.move_aside", ".")
    assert draft.danger is None
    for moment in ("before", "after"):
        files.kill = Kill(1, moment)
        step = draft.steps[0].step
        with pytest.raises(Killed):
            await step.apply(ground.ports, work)
        wanted = Sight.AFTER if moment == "after" else Sight.BEFORE
        assert (await step.observe(ground.ports)).sight is wanted
        await step.undo(ground.ports, work)
        assert (await step.observe(ground.ports)).sight is Sight.BEFORE
        assert ENV in files.files


@pytest.mark.parametrize("target", ["../etc", "/etc", "data/../../x"])
async def test_no_folder_outside_of_the_system_is_touched(ground: Ground, target: str) -> None:
    for action in ("folder.create", "folder.move_aside"):
        with pytest.raises(ActionError, match="not below"):
            await draft_of(ground, action, target)


async def test_nginx_gets_its_file_tested_before_it_is_read(
    ground: Ground, files: FakeFiles
) -> None:
    nginx = ConfigFileSpec("nginx", "/opt/shop/nginx.conf", format="nginx", apply="reload")
    files.put("/opt/shop/nginx.conf", b"server {}\n")
    files.put("/etc/nginx/conf.d/shop.conf", b"# old\n")
    said: list[str] = []

    def answer(order: Order) -> Ran:
        said.append(" ".join(order.argv))
        if order.argv[-1] == "reload":
            return ran()
        is_bad = b"bad" in files.files["/etc/nginx/conf.d/shop.conf"].data
        return ran(1, "", "emerg") if is_bad else ran(0, "", "nginx: test is successful")

    ground.commands.answers[("nginx",)] = answer
    site = ground.site(AS_UNIT, operations={"shop": OperationsSpec("shop", config_files=(nginx,))})
    target = ("nginx.install", "shop/nginx")
    draft = await drafted(ACTIONS, site, *target, to="/etc/nginx/conf.d/shop.conf")
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert said == ["nginx -t", "nginx -s reload", "nginx -t"]
    said.clear()
    files.put("/opt/shop/nginx.conf", b"bad {}\n")
    draft = await drafted(ACTIONS, site, *target, to="/etc/nginx/conf.d/shop.conf")
    assert (await carry_out(draft, ground.ports))[0] == "rolled_back"
    assert said == ["nginx -t"]
    assert files.files["/etc/nginx/conf.d/shop.conf"].data == b"server {}\n"


async def test_dashboards_are_checked_and_a_person_is_told_how(
    ground: Ground, files: FakeFiles
) -> None:
    specs = tuple(
        ConfigFileSpec(name, f"/opt/shop/{name}.json", format="json", apply="none")
        for name in ("dashboard", "dashboard-slo")
    )
    files.put("/opt/shop/dashboard.json", b'{"title": "Shop"}')
    site = ground.site(AS_UNIT, operations={"shop": OperationsSpec("shop", config_files=specs)})
    draft = await drafted(ACTIONS, site, "grafana.import", "shop/grafana")
    assert [one.grade for one in draft.preflight] == [Grade.PASS, Grade.WARN, Grade.STOP]
    assert draft.steps == ()


def test_what_is_offered_says_why_it_is_not_possible(ground: Ground) -> None:
    site = ground.site(AS_COMPOSE, operations={"shop": OPERATIONS})
    offers = {(one.action, one.target): one for action in ACTIONS for one in action.offers(site)}
    assert not offers["env.set", "shop/prod"].reason_against
    assert not offers["tuning.apply", "shop/web"].reason_against
    assert offers["tuning.apply", "shop/evict"].reason_against
    assert ("config.edit", "shop/models") in offers
    assert offers["folder.create", "shop/."].reason_against == clean("")


def test_a_step_says_the_same_after_it_was_stored() -> None:
    step = EditFile("/x", digest(b"a"), digest(b"b"), (("A", "1"),), ("B",))
    assert stored(step) == step
