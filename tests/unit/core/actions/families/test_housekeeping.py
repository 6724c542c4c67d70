"""Prunes: what is listed goes, in an order in which nothing else falls free."""

import pytest

from core.actions.families.housekeeping import ACTIONS, PruneEngine
from core.actions.part import Sight
from core.clients.acting.engine import PruneCount
from core.errors import ClientRefused
from core.model.action import Danger
from core.model.operation import ComposeSpec, OperationsSpec
from core.model.text import clean
from tests.fakes.acting_files import FakeWork, Kill, Killed
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored, warnings


def waste(what: str, *items: str, size_bytes: int = 1024) -> PruneCount:
    return PruneCount(clean(what), tuple(map(clean, items)), size_bytes)


@pytest.fixture
def ground() -> Ground:
    made = Ground()
    made.engine.waste = {
        "images": waste("images", "aaaa (no name)"),
        "unused-images": waste("unused-images", "aaaa (no name)", "bbbb shop/api:1"),
        "containers": waste("containers", "cccc job-1", size_bytes=0),
        "volumes": waste("volumes", "data"),
    }
    return made


async def test_only_images_without_a_name_go_unless_all_are_asked_for(ground: Ground) -> None:
    draft = await drafted(ACTIONS, ground.site(), "docker.prune_images", "shop/docker")
    assert draft.danger is Danger.CHANGE
    assert draft.preview == ("images  aaaa (no name)",)
    more = await drafted(ACTIONS, ground.site(), "docker.prune_images", "shop/docker", all="yes")
    assert more.danger is Danger.DESTROY
    assert len(more.preview) == 2
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert ground.engine.asked == [("prune", "images")]


async def test_the_system_is_pruned_with_containers_last_and_never_a_volume(
    ground: Ground,
) -> None:
    ground.engine.put("api-1")
    draft = await drafted(ACTIONS, ground.site(), "docker.prune_system", "shop/docker")
    assert draft.danger is Danger.DESTROY
    assert all(one.is_irreversible for one in draft.steps)
    assert any("all projects" in text for text in warnings(draft))
    assert "0 networks without a running container" in draft.radius
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert ground.engine.asked == [("prune", "unused-images"), ("prune", "containers")]


async def test_volumes_go_only_when_they_are_asked_for(ground: Ground) -> None:
    site = ground.site()
    draft = await drafted(ACTIONS, site, "docker.prune_system", "shop/docker", volumes="yes")
    assert "volumes  data" in draft.preview
    assert any("lost for good" in text for text in warnings(draft))


async def test_what_came_since_the_plan_is_a_difference(ground: Ground) -> None:
    draft = await drafted(ACTIONS, ground.site(), "docker.prune_images", "shop/docker")
    before = await draft.traits[0].trait.read(ground.ports)
    ground.engine.waste["images"] = waste("images", "aaaa (no name)", "dddd (no name)")
    assert await draft.traits[0].trait.read(ground.ports) != before


async def test_a_prune_that_took_a_part_is_neither(ground: Ground) -> None:
    step = stored(PruneEngine("unused-images", ("aaaa (no name)", "bbbb shop/api:1")))
    assert (await step.observe(ground.ports)).sight is Sight.BEFORE
    ground.engine.waste["unused-images"] = waste("unused-images", "bbbb shop/api:1")
    seen = await step.observe(ground.ports)
    assert seen.sight is Sight.NEITHER
    assert seen.text == "1 of 2 are there: bbbb shop/api:1"


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_killed_prune_is_seen_as_it_is(ground: Ground, moment: str) -> None:
    step = stored(PruneEngine("images", ("aaaa (no name)",)))
    ground.engine.kill = Kill(1, moment)
    with pytest.raises(Killed):
        await step.apply(ground.ports, FakeWork())
    expected = Sight.BEFORE if moment == "before" else Sight.AFTER
    assert (await step.observe(ground.ports)).sight is expected


async def test_nothing_to_remove_and_no_engine_are_refused(ground: Ground) -> None:
    ground.engine.waste.clear()
    draft = await drafted(ACTIONS, ground.site(), "docker.prune_system", "shop/docker")
    assert stops(draft) == ["there is nothing to remove"]
    ground.engine.outage = ClientRefused("the Docker daemon does not run")
    draft = await drafted(ACTIONS, ground.site(), "docker.prune_system", "shop/docker")
    assert stops(draft) == ["the Docker daemon does not run"]


async def test_a_container_that_ended_meanwhile_is_a_failure(ground: Ground) -> None:
    one = ground.engine.put("api-1")
    draft = await drafted(ACTIONS, ground.site(), "docker.prune_images", "shop/docker")
    ground.engine.change(one, status=clean("exited"))
    end, why = await carry_out(draft, ground.ports)
    assert end == "needs_human"
    assert "api-1: exited" in why


async def test_it_is_offered_where_there_is_a_compose_project(ground: Ground) -> None:
    assert ACTIONS[0].offers(ground.site()) == ()
    operations = {"shop": OperationsSpec("shop", compose=ComposeSpec("shop"))}
    (offer,) = ACTIONS[0].offers(ground.site(operations=operations))
    assert offer.target == "shop/docker"
