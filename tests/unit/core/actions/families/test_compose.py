"""Compose: which command it is, what is meant, and what the containers show afterwards."""

from dataclasses import dataclass, field, replace

import pytest

from core.actions.action import Draft, DraftStep
from core.actions.families.compose import ACTIONS
from core.actions.families.compose_around import recreate_around
from core.actions.families.compose_call import find_tool
from core.actions.families.compose_look import before_of, members
from core.actions.families.compose_steps import ComposeDown, ComposeRestart, ComposeStop, ComposeUp
from core.actions.families.services_swarm import ScaleSwarm
from core.actions.part import Sight
from core.clients.acting.commands import Order, Ran
from core.clients.acting.engine import SwarmState
from core.errors import ActionError, ClientError, ClientRefused, ClientTimeout
from core.model.action import Danger
from core.model.operation import ComposeSpec, OperationsSpec
from core.model.text import EMPTY, clean
from core.model.topology import ComposeService
from core.model.verdict import Verdict
from tests.fakes.acting_commands import ran
from tests.fakes.acting_engine import NEW, OLD
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored, warnings
from tests.fakes.world import service

SPEC = ComposeSpec(
    "shop", ("/opt/shop/docker-compose.yml",), ("/opt/shop/docker-compose.monitoring.yml",),
    "/opt/shop", "/opt/shop/.env.prod",
)  # fmt: skip
OPERATIONS = {"shop": OperationsSpec("shop", compose=SPEC)}
API = service("api", runs_as=ComposeService("shop", "api", ("backend",)))
DB = replace(service("db", runs_as=ComposeService("shop", "db")), checks=())
BASE = (
    "docker", "compose", "-f", "/opt/shop/docker-compose.yml", "-p", "shop",
    "--env-file", "/opt/shop/.env.prod",
)  # fmt: skip


@dataclass
class Compose:
    """Version 2 of compose on the engine in memory: `api` is built, `db` is pulled."""

    ground: Ground
    services: tuple[str, ...] = ("api", "db")
    touched: set[str] = field(default_factory=set)
    """What a dry run names."""
    fails: dict[str, str] = field(default_factory=dict)
    """Verbs that end badly, with what they say."""
    pulled: dict[str, str] = field(default_factory=dict)
    """What image names mean after a pull."""
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        answers = self.ground.commands.answers
        answers[("docker", "compose", "version", "--short")] = ran(0, "2.26.1-4")
        answers[("docker", "compose", "-f")] = self.answer

    def answer(self, order: Order) -> Ran:
        assert order.cwd == "/opt/shop"
        assert ("DOCKER_HOST", "unix:///run/fake.sock") in order.env
        words = order.argv[order.argv.index("shop") + 1 :]
        words = words[2:] if words[:1] == ("--env-file",) else words
        verb = words[0]
        if verb in self.fails:
            return ran(1, errors=self.fails[verb])
        if verb == "config":
            images = "".join(f"  {one}:\n    image: shop/{one}:latest\n" for one in self.services)
            return ran(
                0, f"services:\n{images}".replace("api:latest\n", "api:latest\n    build: .\n")
            )
        if verb == "--dry-run":
            lines = (f" DRY-RUN MODE -  Container shop-{one}-1  Recreate" for one in self.touched)
            return ran(0, "\n".join(lines) or "Running")
        self.calls.append(words)
        named = [word for word in words[1:] if word in self.services] or list(self.services)
        for one in named:
            self.act(verb, one, words)
        return ran(0, "done")

    def act(self, verb: str, name: str, words: tuple[str, ...]) -> None:
        engine = self.ground.engine
        found = [one for one in engine.containers.values() if one.name == f"shop-{name}-1"]
        if verb == "pull":
            engine.local_images.update(self.pulled)
        elif verb == "build":
            engine.local_images[f"shop/{name}:latest"] = OLD if "--no-cache" in words else NEW
        elif verb == "down":
            engine.containers = {}
        elif verb in {"stop", "restart"}:
            for one in found:
                engine._halt(one.id)
                if verb == "restart":
                    engine._run(one.id)
        elif verb == "up":
            self.up(name, is_anew=name in self.touched or "--force-recreate" in words)

    def up(self, name: str, *, is_anew: bool) -> None:
        engine = self.ground.engine
        image = engine.local_images.get(f"shop/{name}:latest", NEW)
        for one in [one for one in engine.containers.values() if one.name == f"shop-{name}-1"]:
            is_same = engine.makes[one.id].image_id == image
            if is_same and not is_anew:
                if one.status != "running":
                    engine._run(one.id)
                return
            del engine.containers[one.id]
        made = engine.put(f"shop-{name}-1", name, "shop", "created", image)
        new = f"{len(self.calls):02}{made[2:]}"
        engine.containers[new] = replace(engine.containers.pop(made), id=new)
        engine.makes[new] = replace(engine.makes.pop(made), image_name=f"shop/{name}:latest")
        engine._run(new)


@pytest.fixture
def ground() -> Ground:
    return Ground()


@pytest.fixture
def compose(ground: Ground) -> Compose:
    """A project that runs."""
    made = Compose(ground)
    for name in made.services:
        ground.engine.local_images[f"shop/{name}:latest"] = NEW
        one = ground.engine.put(f"shop-{name}-1", name)
        ground.engine.remake(one, image_name=f"shop/{name}:latest")
    return made


async def draft_of(ground: Ground, verb: str, target: str = "shop/shop", **inputs: str) -> Draft:
    site = ground.site(API, DB, operations=OPERATIONS)
    return await drafted(ACTIONS, site, f"compose.{verb}", target, **inputs)


# which compose


async def test_version_1_is_taken_where_there_is_no_other(ground: Ground) -> None:
    ground.commands.answers = {
        ("docker", "compose"): ran(1, errors="docker: 'compose' is not a docker command."),
        ("docker-compose",): ran(0, "1.29.2"),
    }
    assert await find_tool(ground.commands, ()) == (("docker-compose",), "1.29.2")


@pytest.mark.parametrize(
    "answer",
    [
        ran(0, "error: cannot connect"),
        ran(0, ""),
        ran(1, errors="unknown command"),
        ClientTimeout("docker did not end within 6 s"),
    ],
)
async def test_a_command_that_does_not_answer_as_compose_is_not_compose(
    ground: Ground, answer: Ran | ClientError
) -> None:
    ground.commands.answers[("docker",)] = answer
    ground.commands.missing.add("docker-compose")
    with pytest.raises(ActionError, match="no compose command"):
        await find_tool(ground.commands, ())


async def test_without_any_both_are_named(ground: Ground) -> None:
    ground.commands.missing |= {"docker", "docker-compose"}
    with pytest.raises(ActionError, match=r"docker is not installed here; docker-compose is not"):
        await draft_of(ground, "up")


# what is meant


async def test_the_command_is_exact_and_shown(ground: Ground, compose: Compose) -> None:
    compose.touched = {"api"}
    draft = await draft_of(ground, "up")
    assert draft.preflight[0].text == f"version 2.26.1-4: {' '.join(BASE)}"
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert compose.calls == [("up", "--detach", "api", "db")]


async def test_a_service_is_found_by_the_runbooks_name_and_others_are_left_alone(
    ground: Ground, compose: Compose
) -> None:
    draft = await draft_of(ground, "recreate", "shop/backend")
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert compose.calls == [("up", "--detach", "--force-recreate", "--no-deps", "api")]


@pytest.mark.parametrize("name", ["nope", "--help", "api;rm", "-v/:/h"])
async def test_a_name_that_the_files_do_not_have_never_reaches_compose(
    ground: Ground, compose: Compose, name: str
) -> None:
    with pytest.raises(ActionError, match="they have: api, db"):
        await draft_of(ground, "up", f"shop/{name}")
    assert compose.calls == []


async def test_without_a_project_it_says_where_to_set_it(ground: Ground) -> None:
    with pytest.raises(ActionError, match="no compose project is configured"):
        await drafted(ACTIONS, ground.site(API), "compose.up", "shop/shop")


async def test_an_add_on_is_meant_by_its_file(ground: Ground, compose: Compose) -> None:
    compose.services = ("db", "grafana")
    compose.touched = {"db"}
    draft = await draft_of(ground, "up", "shop/monitoring")
    assert "docker-compose.monitoring.yml" in draft.preflight[0].text
    assert any("define db as well" in text for text in warnings(draft))


async def test_an_engine_that_is_gone_forbids_it(ground: Ground, compose: Compose) -> None:
    ground.engine.outage = ClientRefused("the Docker daemon does not run")
    assert stops(await draft_of(ground, "up")) == ["the Docker daemon does not run"]


# what comes of it


@pytest.mark.parametrize(
    ("verb", "danger"), [("restart", None), ("stop", None), ("down", None), ("recreate", "H")]
)
async def test_each_verb_does_what_it_says(
    ground: Ground, compose: Compose, verb: str, danger: str | None
) -> None:
    draft = await draft_of(ground, verb)
    assert (await carry_out(draft, ground.ports))[0] in {"verified", "ran but unverified"}
    assert compose.calls[0][0] == ("up" if verb == "recreate" else verb)
    assert danger is None or draft.danger is Danger(danger)


async def test_down_says_nothing_of_volumes_and_is_for_the_whole(
    ground: Ground, compose: Compose
) -> None:
    await carry_out(await draft_of(ground, "down"), ground.ports)
    assert compose.calls == [("down",)]
    with pytest.raises(ActionError, match="whole project"):
        await draft_of(ground, "down", "shop/api")


async def test_nothing_to_do_is_said_and_not_done(ground: Ground, compose: Compose) -> None:
    assert "nothing to do" in stops(await draft_of(ground, "up"))[0]
    ground.engine.containers.clear()
    for verb in ("restart", "stop", "down"):
        assert stops(await draft_of(ground, verb)), verb
    assert "has no container" in stops(await draft_of(ground, "update"))[0]


async def test_an_up_that_reports_success_and_changed_nothing_is_a_failure(
    ground: Ground, compose: Compose
) -> None:
    compose.touched = {"api"}
    draft = await draft_of(ground, "up")
    compose.touched = set()
    end, why = await carry_out(draft, ground.ports)
    assert end == "rolled_back"
    assert why.startswith("it shows")


async def test_an_unhealthy_container_is_not_called_up(ground: Ground, compose: Compose) -> None:
    compose.touched = {"api"}
    draft = await draft_of(ground, "up")
    ground.checks["shop/api/health"] = [Verdict.DOWN]
    assert (await carry_out(draft, ground.ports))[0] == "needs_human"


async def test_an_update_pulls_and_makes_anew_only_what_is_newer(
    ground: Ground, compose: Compose
) -> None:
    compose.pulled = {"shop/api:latest": OLD}
    end, why = await carry_out(await draft_of(ground, "update"), ground.ports)
    assert (end, "no check is configured for db" in why) == ("ran but unverified", True)
    assert compose.calls[1] == ("up", "--detach", "--no-deps", "api")


@pytest.mark.parametrize(
    ("fails", "words"),
    [({"pull": "no space left on device"}, "no space left"), ({}, "nothing is newer")],
)
async def test_an_update_that_gets_nothing_leaves_everything_as_it_runs(
    ground: Ground, compose: Compose, fails: dict[str, str], words: str
) -> None:
    compose.fails = fails
    before = dict(ground.engine.containers)
    end, why = await carry_out(await draft_of(ground, "update"), ground.ports)
    assert end == "rolled_back"
    assert words in why
    assert ground.engine.containers == before


async def test_a_build_is_seen_by_what_its_names_mean(ground: Ground, compose: Compose) -> None:
    assert (await carry_out(await draft_of(ground, "build"), ground.ports))[0] == "verified"
    assert compose.calls == [("build", "--no-cache", "api")]
    ground.engine.local_images["shop/api:latest"] = NEW
    draft = await draft_of(ground, "build", cache="yes")
    assert (await carry_out(draft, ground.ports))[0] == "rolled_back", "it came out as it was"


# cut off


async def scene(ground: Ground) -> tuple[tuple[str, str, str], ...]:
    return before_of(await members(ground.ports, "shop", ("api", "db")))


async def test_a_project_cut_off_in_the_middle_is_neither(ground: Ground, compose: Compose) -> None:
    before = await scene(ground)
    both = ("api", "db")
    steps = [
        ComposeUp(BASE, "/opt/shop", "shop", both, both, before),
        ComposeRestart(BASE, "/opt/shop", "shop", both, before),
        ComposeDown(BASE, "/opt/shop", "shop", both, before),
        ComposeStop(BASE, "/opt/shop", "shop", both),
    ]
    for step in steps:
        assert (await stored(step).observe(ground.ports)).sight is Sight.BEFORE
    one = next(iter(ground.engine.containers))
    ground.engine._halt(one)
    for step in steps:
        assert (await stored(step).observe(ground.ports)).sight is Sight.NEITHER
    await stored(steps[-1]).undo(ground.ports, FakeWork())
    assert (await stored(steps[-1]).observe(ground.ports)).sight is Sight.BEFORE


# around steps of others


async def test_a_service_is_made_anew_around_other_steps_and_back(
    ground: Ground, compose: Compose
) -> None:
    ground.engine.swarms["settings"] = SwarmState("id", 1, EMPTY, 1, EMPTY, False)
    inner = DraftStep(clean("edit"), ScaleSwarm("settings", 1, 2))
    site = ground.site(API, DB, operations=OPERATIONS)
    one = await recreate_around(site, API, (inner,))
    draft = Draft(one.title, one.targets, one.steps, one.traits, one.proofs)
    compose.touched = {"api"}
    ground.checks["shop/api/health"] = [Verdict.DOWN]
    assert (await carry_out(draft, ground.ports))[0] == "rolled_back"
    assert ground.engine.swarms["settings"].replicas == 1
    assert [words[0] for words in compose.calls] == ["stop", "up", "stop", "up"]
