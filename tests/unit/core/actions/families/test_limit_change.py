"""A limiter's numbers changed in its service's env file, the service made anew: on fakes."""

import json
from dataclasses import replace

import pytest

from core.actions.action import Site
from core.actions.families import limit
from core.clients.acting.commands import Order, Ran
from core.errors import ActionError
from core.model.action import Danger
from core.model.redis_spec import LimitSpec, RedisSpec
from tests.fakes.acting_files import FakeFiles
from tests.fakes.acting_ground import Ground, carry_out, drafted
from tests.unit.core.actions.families import test_files
from tests.unit.core.actions.families.test_files import AS_COMPOSE, ENV, OLD, OPERATIONS

files, ground = test_files.files, test_files.ground
LIMIT = LimitSpec(
    "clients",
    ("rate_limit:*",),
    service="shop/api",
    env_file="prod",
    capacity_variable="LIMIT",
    refill_variable="BURST",
)


def site(ground: Ground, spec: LimitSpec = LIMIT) -> Site:
    found = ground.site(AS_COMPOSE, operations={"shop": OPERATIONS})
    [system] = found.topology.systems
    system = replace(system, redis=(RedisSpec("shop/redis", limits=(spec,)),))
    return replace(found, topology=replace(found.topology, systems=(system,)))


def remade_with(ground: Ground, *lines: str) -> None:
    """Have compose make the service anew with these variables."""

    def compose(order: Order) -> Ran:
        ran = test_files.compose(ground, order)
        for one, make in ground.engine.makes.items():
            config = json.dumps({"Config": {"Env": list(lines)}})
            ground.engine.makes[one] = replace(make, config=config)
        return ran

    ground.commands.answers[("docker", "compose", "-f")] = compose


async def test_the_right_variables_are_set_and_seen_in_the_new_container(
    ground: Ground, files: FakeFiles
) -> None:
    remade_with(ground, "LIMIT=50", "BURST=7")
    asked = {"capacity": "50", "refill": "7"}
    draft = await drafted(limit.ACTIONS, site(ground), "limit.change", "shop/clients", **asked)
    assert draft.danger is Danger.INTERRUPT
    assert await carry_out(draft, ground.ports) == ("verified", "")
    data = files.files[ENV].data
    assert b"LIMIT=50 " in data
    assert b"BURST=7" in data


async def test_a_container_that_does_not_have_them_gets_the_old_file_back(
    ground: Ground, files: FakeFiles
) -> None:
    remade_with(ground, "LIMIT=5")
    draft = await drafted(
        limit.ACTIONS, site(ground), "limit.change", "shop/clients", capacity="50"
    )
    outcome, why = await carry_out(draft, ground.ports)
    assert outcome == "rolled_back"
    assert "LIMIT is 5 in api, not 50" in why
    assert files.files[ENV].data == OLD


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "nothing to change"),
        ({"capacity": "lots"}, "a number above 0"),
        ({"refill": "-1"}, "a number above 0"),
        ({"capacity": "nan"}, "a number above 0"),
    ],
)
async def test_what_is_no_number_is_refused(
    ground: Ground, inputs: dict[str, str], said: str
) -> None:
    with pytest.raises(ActionError, match=said):
        await drafted(limit.ACTIONS, site(ground), "limit.change", "shop/clients", **inputs)


async def test_a_profile_that_does_not_say_how_offers_it_with_the_reason(ground: Ground) -> None:
    silent = site(ground, LimitSpec("clients", ("rate_limit:*",)))
    [offer] = limit.CHANGE.offers(silent)
    assert "does not say which variables" in offer.reason_against
    with pytest.raises(ActionError, match="does not say which variables"):
        await drafted(limit.ACTIONS, silent, "limit.change", "shop/clients", capacity="5")
