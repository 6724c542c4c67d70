"""Replicas by Swarm, kubectl and compose."""

import json

import pytest

from core.actions.action import Draft
from core.actions.families.scale import ACTIONS
from core.actions.families.scale_steps import ScaleDeployment
from core.actions.part import Sight
from core.clients.acting.commands import Order, Ran
from core.clients.acting.engine import SwarmState
from core.errors import ActionError, ClientTimeout
from core.model.action import Danger
from core.model.operation import OperationsSpec, ScaleSpec
from core.model.text import EMPTY, clean
from core.model.topology import SwarmService
from tests.fakes.acting_commands import ran
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored
from tests.fakes.world import service

API = service("api", runs_as=SwarmService("web"))
SPECS = (
    ScaleSpec("swarm", "swarm", "api", replicas=5),
    ScaleSpec("pods", "kubernetes", "api", namespace="prod", deployment="proxy"),
    ScaleSpec("odd", "nomad", "api", replicas=1),
)
OPERATIONS = {"shop": OperationsSpec("shop", scaling=SPECS)}
KUBECTL = ("kubectl", "--request-timeout=5s", "--namespace", "prod")


class Cluster:
    """One deployment, behind a kubectl."""

    def __init__(self, replicas: int, ready: int | None = None) -> None:
        self.replicas, self.ready = replicas, ready

    def get(self, order: Order) -> Ran:
        ready = self.replicas if self.ready is None else self.ready
        containers = [{"image": "shop/proxy:1"}]
        body = {
            "metadata": {"generation": self.replicas},
            "spec": {"replicas": self.replicas, "template": {"spec": {"containers": containers}}},
            "status": {"readyReplicas": ready},
        }
        return ran(0, json.dumps(body))

    def scale(self, order: Order) -> Ran:
        words = dict(word.split("=") for word in order.argv if word.count("=") == 1)
        if int(words["--current-replicas"]) != self.replicas:
            return ran(1, errors="error: Expected replicas to be something else")
        self.replicas = int(words["--replicas"])
        return ran(0, "deployment.apps/proxy scaled")

    def join(self, ground: Ground) -> None:
        ground.commands.answers[(*KUBECTL, "get")] = self.get
        ground.commands.answers[(*KUBECTL, "scale")] = self.scale


async def scaled(ground: Ground, name: str, **inputs: str) -> Draft:
    site = ground.site(API, operations=OPERATIONS)
    return await drafted(ACTIONS, site, "scale.apply", f"shop/{name}", **inputs)


async def test_a_swarm_service_gets_the_replicas_of_the_configuration() -> None:
    ground = Ground()
    ground.engine.swarms["web"] = SwarmState("id", 1, clean("web:1"), 2, EMPTY, False, running=2)
    draft = await scaled(ground, "swarm")
    assert draft.danger is Danger.CHANGE
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert ground.engine.swarms["web"].replicas == 5
    assert stops(await scaled(ground, "swarm")) == ["it has 5 already: nothing to do"]
    assert (await scaled(ground, "swarm", replicas="1")).danger is Danger.INTERRUPT


async def test_a_swarm_service_that_is_not_there_is_told_with_how_it_is_made() -> None:
    (flight,) = (await scaled(Ground(), "swarm")).preflight
    assert "no such swarm service" in flight.text
    assert flight.remedy.startswith("docker service create --name web --replicas 5")


async def test_a_deployment_is_scaled_and_scaled_back_by_kubectl() -> None:
    ground, cluster = Ground(), Cluster(2)
    cluster.join(ground)
    draft = await scaled(ground, "pods", replicas="4")
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert cluster.replicas == 4
    await stored(draft.steps[0].step).undo(ground.ports, FakeWork())
    assert cluster.replicas == 2


async def test_a_deployment_that_never_gets_ready_is_scaled_back() -> None:
    ground, cluster = Ground(), Cluster(2, ready=2)
    cluster.join(ground)
    draft = await scaled(ground, "pods", replicas="4")
    end, why = await carry_out(draft, ground.ports)
    assert end == "rolled_back"
    assert "2 of 4 ready" in why
    assert cluster.replicas == 2


async def test_what_somebody_else_scaled_meanwhile_is_left_alone() -> None:
    ground, cluster = Ground(), Cluster(3)
    cluster.join(ground)
    step = stored(ScaleDeployment("prod", "proxy", 2, 4))
    with pytest.raises(ActionError, match="Expected replicas"):
        await step.apply(ground.ports, FakeWork())
    assert (await step.observe(ground.ports)).sight is Sight.NEITHER


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (ran(1, errors="The connection to the server was refused"), "connection"),
        (ran(1, errors="Error from server (NotFound): deployments"), "NotFound"),
        (ran(0, "no JSON"), "something else than JSON"),
        (ran(0, "{}"), "without replicas"),
        (ClientTimeout("kubectl did not end within 8 s"), "did not end"),
    ],
)
async def test_a_kubectl_that_gives_no_sense_forbids_it(
    answer: Ran | ClientTimeout, words: str
) -> None:
    ground = Ground()
    ground.commands.answers[("kubectl",)] = answer
    assert words in stops(await scaled(ground, "pods", replicas="2"))[0]


async def test_without_kubectl_it_is_said() -> None:
    ground = Ground()
    ground.commands.missing.add("kubectl")
    assert stops(await scaled(ground, "pods", replicas="2")) == ["kubectl is not installed here"]


@pytest.mark.parametrize(
    ("name", "inputs", "words"),
    [
        ("nope", {}, "no scaling 'nope'; it has: swarm, pods, odd"),
        ("swarm", {"replicas": "-1"}, "a number from 0 to 100"),
        ("swarm", {"replicas": "101"}, "a number from 0 to 100"),
        ("swarm", {"replicas": "٣"}, "a number from 0 to 100"),
        ("pods", {}, "how many"),
        ("odd", {}, "nobody knows how 'nomad' scales"),
    ],
)
async def test_a_request_without_sense_is_refused(
    name: str, inputs: dict[str, str], words: str
) -> None:
    with pytest.raises(ActionError, match=words):
        await scaled(Ground(), name, **inputs)


def test_what_cannot_be_scaled_is_offered_with_the_reason() -> None:
    offers = ACTIONS[0].offers(Ground().site(API, operations=OPERATIONS))
    assert [bool(one.reason_against) for one in offers] == [False, False, True]
