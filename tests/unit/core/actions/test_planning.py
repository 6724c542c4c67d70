"""From a request to a plan: what makes no sense is refused, and nothing is changed by looking."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from core.actions import planning
from core.actions.action import Action, Draft, DraftStep, DraftTrait, Site
from core.actions.part import thaw
from core.actions.planning import Planner
from core.actions.ports import Ports
from core.errors import ActionError, ClientError, ClientRefused
from core.model.action import ActionRequest, Danger, Grade, Input, Plan, Rung, Target
from core.model.text import SafeText, clean
from core.model.topology import Environment, Topology
from tests.fakes.acting_parts import SWAP, Content, Put
from tests.fakes.clock import FakeClock

PATH = "/nowhere/one"


class _Trait(Content):
    """A fingerprint that needs no file."""

    async def read(self, ports: Ports) -> SafeText:
        return SafeText("as it is")


def site(environment: Environment = Environment.DEVELOPMENT) -> Site:
    ports = cast(Ports, type("_Ports", (), {"clock": FakeClock()})())
    return Site(Topology(environment, False, ()), {}, ports)


def planner(environment: Environment = Environment.DEVELOPMENT, **more: Any) -> Planner:
    return Planner(site(environment), "here", "ada", "boot", "/etc/q.yaml", **more)


def action_of(
    draft: Draft | Callable[[], Draft], *inputs: Input, danger: Danger = Danger.CHANGE
) -> Action:
    async def drafted(_site: Site, _request: ActionRequest) -> Draft:
        return draft if isinstance(draft, Draft) else draft()

    return Action("test.do", "Do", "do", danger, lambda _site: (), drafted, inputs)


def draft(**more: Any) -> Draft:
    steps = (DraftStep(SafeText("put"), Put(PATH, "a", "b")),)
    given: dict[str, Any] = {"title": SafeText("do it"), "targets": (), "steps": steps}
    return Draft(**given | more)


def plan_of(one: Planner, action: Action, target: str = "shop/api", **inputs: str) -> Plan:
    request = ActionRequest("test.do", target, tuple(inputs.items()))
    return asyncio.run(one.plan(action, request))


def plain() -> Plan:
    return plan_of(planner(), action_of(draft()))


def test_a_plan_says_who_where_when_and_on_which_boot() -> None:
    plan = plan_of(planner(actor_uid=7), action_of(draft()))
    assert (plan.actor, plan.actor_uid, plan.host) == ("ada", 7, "here")
    assert (plan.boot_id, plan.config) == ("boot", "/etc/q.yaml")
    assert (plan.system, plan.called, plan.lives_s) == ("shop", "api", planning.PLAN_LIVES_S)


def test_two_plans_of_one_request_are_two_plans() -> None:
    one = planner()
    assert plan_of(one, action_of(draft())).id != plan_of(one, action_of(draft())).id


def test_parts_are_frozen_as_they_are_and_thaw_to_the_same() -> None:
    traits = (DraftTrait(SafeText("it"), _Trait(PATH)),)
    plan = plan_of(planner(), action_of(draft(traits=traits)))
    assert thaw(plan.steps[0].part) == Put(PATH, "a", "b")
    assert plan.traits[0].value == "as it is"
    assert json.loads(plan.traits[0].part.arguments) == {"path": PATH}


def test_locks_are_those_of_the_targets_and_what_the_family_adds_each_once_and_in_order() -> None:
    targets = tuple(Target("unit", one, clean(one)) for one in ("b", "a", "b"))
    plan = plan_of(planner(), action_of(draft(targets=targets, locks=("unit:a", "port:80"))))
    assert plan.locks == ("port:80", "unit:a", "unit:b")


def test_a_step_tells_a_way_back_exactly_where_it_has_one() -> None:
    class OneWay(Put):
        can_undo: ClassVar[bool] = False

    promised = SafeText("promised")
    steps = (
        DraftStep(SafeText("said"), Put("/said", "a", "b"), undo=promised),
        DraftStep(SafeText("unsaid"), Put("/unsaid", "a", "b")),
        DraftStep(SafeText("one way"), OneWay("/one-way", "a", "b"), undo=promised),
        DraftStep(SafeText("for good"), Put("/good", "a", "b"), is_irreversible=True),
        DraftStep(SafeText("after"), Put("/after", "a", "b"), is_after_proof=True),
    )
    planned = plan_of(planner(), action_of(draft(steps=steps))).steps
    assert [one.undo for one in planned[:3]] == ["promised", "it is put back", ""]
    assert [one.has_way_back for one in planned] == [True, True, False, False, False]


def test_steps_after_the_proof_come_last_and_the_others_keep_their_order() -> None:
    steps = tuple(
        DraftStep(SafeText(name), Put(f"/{name}", "a", "b"), is_after_proof=after)
        for name, after in (("one", True), ("two", False), ("three", True), ("four", False))
    )
    plan = plan_of(planner(), action_of(draft(steps=steps)))
    assert [one.title for one in plan.steps] == ["two", "four", "one", "three"]


def test_a_draft_may_be_more_dangerous_than_its_action_usually_is() -> None:
    assert plan_of(planner(), action_of(draft())).rung is Rung.ENTER
    plan = plan_of(planner(), action_of(draft(danger=Danger.DESTROY)))
    assert (plan.danger, plan.rung) == (Danger.DESTROY, Rung.PHRASE)
    assert plan_of(
        planner(Environment.PRODUCTION), action_of(draft(), danger=Danger.INTERRUPT)
    ).rung is Rung.PHRASE  # fmt: skip


def test_a_draft_without_a_step_is_stopped() -> None:
    plan = plan_of(planner(), action_of(draft(steps=())))
    assert plan.is_stopped
    assert [(one.grade, one.text) for one in plan.preflight] == [
        (Grade.STOP, "there is nothing to do")
    ]


COLOUR = Input("colour", "which one", is_required=True, choices=("red", "blue"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs --set colour=…: which one"),
        ({"colour": ""}, "needs --set colour=…"),
        ({"colour": "green"}, "colour is one of: red, blue; not 'green'"),
        ({"colour": "RED"}, "one of"),
        ({"colour": "red", "size": "1"}, "takes no input 'size'; it takes: colour"),
    ],
)
def test_inputs_that_make_no_sense_are_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ActionError) as refused:
        plan_of(planner(), action_of(draft(), COLOUR), **given)
    assert said in str(refused.value)


def test_an_action_that_takes_anything_still_needs_what_it_needs() -> None:
    anything = (Input("*", "variables"), COLOUR)
    assert plan_of(planner(), action_of(draft(), *anything), colour="red", LEVEL="x")
    with pytest.raises(ActionError, match="needs --set colour"):
        plan_of(planner(), action_of(draft(), *anything), LEVEL="x")


def test_a_target_that_cannot_be_looked_at_is_named() -> None:
    def broken() -> Draft:
        raise ClientRefused("the engine does not answer")

    with pytest.raises(ActionError, match="shop/api cannot be looked at: the engine does not"):
        plan_of(planner(), action_of(broken))


class _Unreadable(Content):
    async def read(self, ports: Ports) -> SafeText:
        raise ClientError("it is gone")


def test_so_is_one_whose_fingerprint_cannot_be_taken() -> None:
    traits = (DraftTrait(SafeText("it"), _Unreadable(PATH)),)
    with pytest.raises(ActionError, match="cannot be looked at: it is gone"):
        plan_of(planner(), action_of(draft(traits=traits)))


class _Hangs(Content):
    async def read(self, ports: Ports) -> SafeText:
        await asyncio.Event().wait()
        raise AssertionError("nobody wakes it")


def test_a_look_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PLANNING_S", 0.05)
    traits = (DraftTrait(SafeText("it"), _Hangs(PATH)),)
    with pytest.raises(ActionError, match="could not be looked at within"):
        plan_of(planner(), action_of(draft(traits=traits)))


def test_an_action_that_looks_at_much_may_look_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PLANNING_S", 0.0)
    action = action_of(draft(traits=(DraftTrait(SafeText("it"), _Slow(PATH)),)))
    with pytest.raises(ActionError, match="could not be looked at within 0 s"):
        plan_of(planner(), action)
    assert plan_of(planner(), replace(action, look_s=60.0)).traits


class _Slow(Content):
    async def read(self, ports: Ports) -> SafeText:
        await asyncio.sleep(0.001)
        return SafeText("as it is")


def test_planning_touches_nothing(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text("old", "utf-8")
    before = {one.name: one.stat().st_mtime_ns for one in tmp_path.iterdir()}
    request = ActionRequest("test.swap", "shop/files", (("folder", str(tmp_path)),))
    asyncio.run(planner().plan(SWAP, request))
    assert {one.name: one.stat().st_mtime_ns for one in tmp_path.iterdir()} == before


def test_a_plan_for_which_somebody_has_to_be_found_lives_longer() -> None:
    def lives_s(danger: Danger) -> float:
        return 600.0 if danger is Danger.CHANGE else 120.0

    one = planner(lives_s=lives_s)
    assert plan_of(one, action_of(draft())).lives_s == 600.0
