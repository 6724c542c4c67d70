"""What an engine, a systemd or a server has done since the plan is refused, with both values."""

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.crash_engine import IMAGE, engine
from tests.crash_every import BESIDE
from tests.crashes import Scenario
from tests.drifts import DRIFTS, assert_each_refused


def _restarted(name: str) -> None:
    with engine() as client:
        client.containers.get(name).restart(timeout=0)


def _systemctl(*words: str) -> None:
    subprocess.run(["systemctl", *words], check=True, capture_output=True, timeout=300)


def _scaled(name: str) -> None:
    with engine() as client:
        client.services.get(name).scale(3)


def _retagged(reference: str) -> None:
    with engine() as client:
        box = client.containers.create(IMAGE, ["true"])
        box.commit(*reference.rsplit(":", 1), changes=["LABEL by=hand"])
        box.remove()


def _less_waste(_arguments: object) -> None:
    with engine() as client:
        client.images.remove(client.images.list(filters={"dangling": True})[0].id)


BY_HAND: dict[str, Callable[[Any], None]] = {
    **DRIFTS,
    "trait.container": lambda one: _restarted(one["name"]),
    "trait.compose_project": lambda one: _restarted(f"{one['project']}-api-1"),
    "trait.swarm": lambda one: _scaled(one["service"]),
    "trait.image": lambda one: _retagged(one["reference"]),
    "trait.prunable": _less_waste,
    "trait.unit": lambda one: _systemctl("restart", one["unit"]),
}
CHOSEN = (
    "service.restart, container", "image.rollback", "docker.prune_images", "compose.restart",
    "scale.apply, swarm", "service.restart, unit", "backup.restore, postgres",
)  # fmt: skip


def marked(scenario: Scenario) -> object:
    group = next((one for one in scenario.needs if one in {"docker", "systemd"}), "crashes")
    marks = (pytest.mark.real(*scenario.needs), pytest.mark.xdist_group(group))
    return pytest.param(scenario, marks=marks, id=scenario.name)


@pytest.mark.parametrize("scenario", [marked(one) for one in BESIDE if one.name in CHOSEN])
def test_what_an_engine_or_a_server_has_since_done_is_refused(scenario: Scenario) -> None:
    assert_each_refused(scenario, BY_HAND)
