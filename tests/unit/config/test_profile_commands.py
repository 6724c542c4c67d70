"""The commands and the steps on purpose of the shipped profiles, as their families read them."""

import pytest

from config.include import PROFILES, shipped_profiles
from config.loader import load
from config.operation_specs import operations_of
from config.topology import topology_of
from core.actions.families import chaos, firewall, probes, triggers
from core.actions.families.commands_words import fill, is_secret, secret_words
from core.actions.families.probes import place_of
from core.actions.verdicts.calls import call_of
from core.actions.verdicts.known import follow_up
from core.model.operation import CommandSpec, OperationsSpec, ProcedureStep
from core.model.topology import SystemSpec

OWN = {one.id: one for family in (chaos, firewall, probes, triggers) for one in family.ACTIONS}


def parts_of(profile: str) -> tuple[SystemSpec, OperationsSpec]:
    loaded = load(PROFILES / f"{profile}.yaml", {})
    one = topology_of(loaded.settings, {}).systems[0]
    return one, operations_of(loaded)[one.name]


def commands() -> dict[str, CommandSpec]:
    return {f"{name}/{one.name}": one for name in shipped_profiles()
            for one in parts_of(name)[1].commands}  # fmt: skip


def steps() -> list[tuple[str, ProcedureStep]]:
    return [
        (name, step)
        for name in shipped_profiles()
        for procedure in parts_of(name)[1].procedures
        for step in procedure.steps
        if step.kind == "action" and step.what in OWN
    ]


@pytest.mark.parametrize("name", commands())
def test_a_command_can_be_filled(name: str) -> None:
    spec = commands()[name]
    given = tuple((one, "file:/x" if is_secret(one) else "x") for one, _ in spec.inputs)
    assert fill(spec, given).argv[0] == spec.argv[0]


def test_commands_that_would_show_a_secret_are_known_by_name() -> None:
    guilty = {name for name, spec in commands().items() if secret_words(spec)}
    assert guilty == {"decision-engine/keys-deactivate", "decision-engine/keys-info"}


def test_what_is_proven_by_a_second_look() -> None:
    looks = {name: follow_up(spec.argv, call_of(spec.argv)) for name, spec in commands().items()}
    assert {name: look for name, look in looks.items() if look} == {
        "business-engine/migrations": ("alembic", "current"),
        "cost-dashboard/install": ("venv/bin/python", "-m", "pip", "check"),
        "cost-dashboard/packages-back": ("venv/bin/python", "-m", "pip", "check"),
        "decision-engine/packages-back": ("pip", "check"),
        "decision-engine/upgrade": ("pip", "check"),
    }


def test_steps_on_purpose_ask_for_inputs_that_their_actions_take() -> None:
    assert steps()
    for name, step in steps():
        taken = {one.name for one in OWN[step.what].inputs}
        assert {key for key, _ in step.inputs} <= taken, f"{name}: {step.title}"


def test_services_that_are_asked_on_purpose_have_an_address() -> None:
    for name, step in steps():
        if step.what.startswith(("http.", "load.")):
            services = {one.id.service: one for one in parts_of(name)[0].services}
            assert place_of(services[step.target]) is not None, f"{name}: {step.title}"
