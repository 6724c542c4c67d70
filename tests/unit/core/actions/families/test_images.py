"""Older images put back: what is chosen, what is kept, and what a kill leaves at every place."""

from dataclasses import replace
from typing import Any

import pytest

from core.actions.action import Draft
from core.actions.families.images import ACTIONS, repository_of
from core.actions.families.images_steps import INSTEAD_OF, MakeInstead, kept_name, new_name
from core.actions.part import Sight
from core.clients.acting.engine import SwarmState
from core.errors import ActionError, ClientRefused
from core.model.text import EMPTY, clean
from core.model.topology import ComposeService, DockerContainer, SwarmService
from core.model.verdict import Verdict
from tests.fakes.acting_engine import NEW, OLD
from tests.fakes.acting_files import FakeWork, Kill, Killed
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored, warnings
from tests.fakes.world import service

API = service("api", runs_as=DockerContainer("api-1"))
OTHER = "sha256:" + "c" * 64


@pytest.fixture
def ground() -> Ground:
    made = Ground()
    made.engine.put("api-1")
    made.engine.local_images = {"shop/api:latest": NEW, "shop/api:1": OLD}
    made.engine.listed["shop/api"] = (
        (OTHER, "shop/api:next", 30.0),
        (NEW, "shop/api:latest", 20.0),
        (OLD, "shop/api:1", 10.0),
    )
    return made


async def rollback(ground: Ground, **inputs: str) -> Draft:
    return await drafted(ACTIONS, ground.site(API), "image.rollback", "shop/api", **inputs)


@pytest.mark.parametrize(
    ("reference", "repository"),
    [
        ("shop/api:1", "shop/api"),
        ("shop/api", "shop/api"),
        ("registry:5000/shop/api", "registry:5000/shop/api"),
        ("registry:5000/shop/api:2@sha256:00", "registry:5000/shop/api"),
        ("sha256:00ff", ""),
    ],
)
def test_the_repository_of_a_reference(reference: str, repository: str) -> None:
    assert repository_of(reference) == repository


async def test_the_image_before_is_put_back_and_the_old_container_removed_last(
    ground: Ground,
) -> None:
    draft = await rollback(ground)
    assert draft.steps[-1].is_after_proof
    assert await carry_out(draft, ground.ports) == ("verified", "")
    (left,) = ground.engine.containers.values()
    assert (left.name, left.status) == ("api-1", "running")
    assert ground.engine.makes[left.id].image_id == OLD, "the one before, not the newest"


async def test_an_image_that_is_not_healthy_is_taken_back(ground: Ground) -> None:
    (old,) = ground.engine.containers
    draft = await rollback(ground)
    ground.checks["shop/api/health"] = [Verdict.DOWN]
    assert (await carry_out(draft, ground.ports))[0] == "rolled_back"
    (left,) = ground.engine.containers.values()
    assert (left.id, left.name, left.status) == (old, "api-1", "running")


async def test_a_disk_that_is_full_leaves_everything_as_it_was(ground: Ground) -> None:
    (old,) = ground.engine.containers
    draft = await rollback(ground)
    ground.engine.create_error = ClientRefused("no space left on device")
    end, why = await carry_out(draft, ground.ports)
    assert (end, why) == ("rolled_back", "no space left on device")
    assert ground.engine.containers[old].status == "running"
    assert ("stop", old) not in ground.engine.asked, "it was never stopped"


EFFECTS = ("create", "stop", "put aside", "name", "start")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", range(1, len(EFFECTS) + 1))
async def test_a_kill_at_any_effect_is_seen_and_all_is_undone(
    ground: Ground, at: int, moment: str
) -> None:
    (old,) = ground.engine.containers
    draft = await rollback(ground)
    main = [stored(one.step) for one in draft.steps if not one.is_after_proof]
    assert len(main) == len(EFFECTS)
    work = FakeWork()
    ground.engine.kill = Kill(at, moment)
    begun: list[Any] = []

    async def go() -> None:
        for step in main:
            begun.append(step)
            await step.apply(ground.ports, work)

    with pytest.raises(Killed):
        await go()
    assert len(begun) == at
    expected = Sight.BEFORE if moment == "before" else Sight.AFTER
    assert (await begun[-1].observe(ground.ports)).sight is expected
    for step in reversed(begun):
        await step.undo(ground.ports, work)
        assert (await step.observe(ground.ports)).sight is Sight.BEFORE
    (left,) = ground.engine.containers.values()
    assert (left.id, left.name, left.status) == (old, "api-1", "running")


async def test_a_container_that_was_made_but_not_joined_to_its_networks_is_half_done(
    ground: Ground,
) -> None:
    (old,) = ground.engine.containers
    ground.engine.remake(old, networks=("front", "back"))
    step = stored(MakeInstead("api-1", old, OLD))
    await step.apply(ground.ports, FakeWork())
    assert (await step.observe(ground.ports)).sight is Sight.NEITHER
    await step.undo(ground.ports, FakeWork())
    assert list(ground.engine.containers) == [old]


async def test_a_container_that_somebody_else_made_under_our_name_is_not_removed(
    ground: Ground,
) -> None:
    (old,) = ground.engine.containers
    ground.engine.put(new_name("api-1", old), status="exited")
    with pytest.raises(ActionError, match="not ours"):
        await MakeInstead("api-1", old, OLD).undo(ground.ports, FakeWork())


async def test_the_new_container_carries_whose_place_it_takes(ground: Ground) -> None:
    (old,) = ground.engine.containers
    await carry_out(await rollback(ground), ground.ports)
    (left,) = ground.engine.containers
    assert ground.engine.makes[left].label(INSTEAD_OF) == old


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"image": "shop/api:gone"}, "here are: shop/api:next"),
        ({"image": "shop/api:latest"}, "runs that image already"),
    ],
)
async def test_what_cannot_be_put_back_is_refused(
    ground: Ground, inputs: dict[str, str], words: str
) -> None:
    assert words in " ".join(stops(await rollback(ground, **inputs)))


async def test_what_would_be_gone_once_stopped_is_refused(ground: Ground) -> None:
    (old,) = ground.engine.containers
    ground.engine.remake(old, is_auto_removed=True)
    assert "no way back" in stops(await rollback(ground))[0]


async def test_what_an_earlier_attempt_left_is_named(ground: Ground) -> None:
    (old,) = ground.engine.containers
    ground.engine.put(kept_name("api-1", old), status="exited")
    assert "an earlier attempt left it" in stops(await rollback(ground))[0]


async def test_compose_is_told_of_because_it_would_go_forward_again(ground: Ground) -> None:
    ground.engine.containers.clear()
    ground.engine.put("shop-api-1", "api")
    api = replace(API, runs_as=ComposeService("shop", "api"))
    draft = await drafted(ACTIONS, ground.site(api), "image.rollback", "shop/api")
    assert any("goes forward again" in text for text in warnings(draft))
    ground.engine.put("shop-api-2", "api")
    draft = await drafted(ACTIONS, ground.site(api), "image.rollback", "shop/api")
    assert "2 containers" in stops(draft)[0]


SWARM = SwarmState(
    "id", 7, clean("shop/web:2"), 2, EMPTY, True, running=2, spec_sha256="new",
    previous_sha256="old", previous_image=clean("shop/web:1"),
)  # fmt: skip
WEB = service("web", runs_as=SwarmService("web"))


async def test_a_swarm_service_goes_back_and_forward_again(ground: Ground) -> None:
    ground.engine.swarms["web"] = SWARM
    draft = await drafted(ACTIONS, ground.site(WEB), "service.rollback", "shop/web")
    assert draft.preview == ("now   shop/web:2", "then  shop/web:1")
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert ground.engine.swarms["web"].image == "shop/web:1"
    await stored(draft.steps[0].step).undo(ground.ports, FakeWork())
    assert ground.engine.swarms["web"].image == "shop/web:2"


async def test_a_swarm_service_that_was_never_updated_has_nothing_before(ground: Ground) -> None:
    ground.engine.swarms["web"] = replace(SWARM, has_previous=False)
    draft = await drafted(ACTIONS, ground.site(WEB), "service.rollback", "shop/web")
    assert "nothing before" in stops(draft)[0]
    with pytest.raises(ActionError, match="no Swarm service"):
        await drafted(ACTIONS, ground.site(API), "service.rollback", "shop/api")
