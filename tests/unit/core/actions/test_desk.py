"""The desk: what is refused is refused with its reason, and the audit log has it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.audit.record import Event
from core.actions.desk import ActionDesk, Gates
from core.actions.journal import Journal, Mark
from core.actions.plan_codec import code_of
from core.actions.shelf import Shelf
from core.errors import ActionError
from core.model.action import ActionRequest, Grade, Phase, Plan
from core.model.action_state import ProcessRun
from core.model.policy import Who
from core.model.text import SafeText
from tests.fakes.acting_parts import SWAP
from tests.unit.core.actions.stage import Killed, Places, Stage

ADA = Who("ada", 1001)
READ_ONLY = "read-only: nothing may be changed"


class Said:
    """What the desk asks others, and what it starts."""

    def __init__(self) -> None:
        self.against_plan = ""
        self.against_start = ""
        self.against_approval = ""
        self.audit_problem = ""
        self.holder: SafeText | None = None
        self.is_alive = False
        self.started: list[tuple[str, str]] = []
        self.armed: list[bool] = []

    def start(self, what: str, action_id: str) -> None:
        self.started.append((what, action_id))

    def asked_to_start(self, _plan: Plan, is_armed: bool) -> str:
        self.armed.append(is_armed)
        return self.against_start

    def check_audit(self) -> None:
        if self.audit_problem:
            raise ActionError(self.audit_problem)

    def lives(self, _run: ProcessRun) -> bool:
        return self.is_alive


class Front:
    """A desk on a stage."""

    def __init__(self, folder: Path) -> None:
        self.stage = Stage(folder)
        self.said = said = Said()
        self.desk = ActionDesk(
            self.stage.planner,
            {SWAP.id: SWAP},
            Shelf(folder / "actions", said.lives),
            self.stage.records,
            said.check_audit,
            Gates(ADA, lambda _plan: said.against_plan, said.asked_to_start,
                  lambda _plan: said.against_approval,
                  lambda _action, _danger: said.against_plan),
            said.start,
            lambda _name: said.holder,
            lambda: "abcd1234",
        )  # fmt: skip

    def plan(self) -> Plan:
        plan = asyncio.run(self.desk.plan(self.stage.request))
        self.stage.action = self.desk.shelf.at(plan.id)
        return plan

    @property
    def events(self) -> list[Event]:
        return [event for event, _ in self.stage.records.rows]

    @property
    def reasons(self) -> list[str]:
        return [more["reason"] for event, more in self.stage.records.rows if event is Event.DENIED]

    def killed(self) -> Plan:
        """Have an action whose executor died amid its first step."""
        plan = self.plan()
        self.desk.confirm(plan, code_of(plan), is_armed=True)
        places = Places()
        probe = self.stage.folder / "probe"
        probe.mkdir()
        other = Stage(probe)
        other.confirm(other.plan())
        other.execute(places)
        with pytest.raises(Killed):
            self.stage.execute(Places(places.passed.index("applied")))
        return plan


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return Front(tmp_path)


def test_a_plan_is_kept_and_written_down_and_the_right_code_starts_it(front: Front) -> None:
    plan = front.plan()
    assert front.desk.planned(front.stage.request, code_of(plan)) == plan
    front.desk.confirm(plan, code_of(plan), is_armed=True)
    assert front.said.started == [("execute", plan.id)]
    assert front.events == [Event.PLAN, Event.CONFIRM]
    assert front.said.armed == [True]


def test_a_dry_run_leaves_nothing(front: Front) -> None:
    asyncio.run(front.desk.plan(front.stage.request, is_kept=False))
    assert front.desk.shelf.ids() == []
    assert front.events == []


def against_start(front: Front, _plan: Plan) -> Plan:
    front.said.against_start = "changes are not switched on"
    return _plan


def changed_on_disk(front: Front, plan: Plan) -> Plan:
    return replace(plan, title=SafeText("something else"))


def confirmed_before(front: Front, plan: Plan) -> Plan:
    front.desk.confirm(plan, code_of(plan), is_armed=True)
    front.said.started.clear()
    front.stage.records.rows.clear()
    return plan


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (against_start, "changes are not switched on"),
        (changed_on_disk, "the plan on disk is another one"),
        (confirmed_before, "it has been confirmed already"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_yes_that_may_not_start_it_is_refused_and_written_down(
    front: Front, spoil: Callable[[Front, Plan], Plan], said: str
) -> None:
    plan = spoil(front, front.plan())
    with pytest.raises(ActionError, match=f"nothing was started: {said}"):
        front.desk.confirm(plan, code_of(plan), is_armed=True)
    assert front.said.started == []
    assert front.reasons == [said]


@pytest.mark.parametrize("said", ["", "ABCD", "yes", "swap files"])
def test_what_is_not_the_yes_that_was_asked_for_is_refused(front: Front, said: str) -> None:
    plan = front.plan()
    with pytest.raises(ActionError, match="would confirm it"):
        front.desk.confirm(plan, said, is_armed=True)
    assert front.said.started == []
    assert Event.DENIED in front.events
    assert front.stage.action.confirmation() is None


def test_a_confirmation_that_cannot_be_written_down_starts_nothing(front: Front) -> None:
    plan = front.plan()
    front.stage.records.fails_from = 1
    with pytest.raises(ActionError, match="takes nothing"):
        front.desk.confirm(plan, code_of(plan), is_armed=True)
    assert front.said.started == []
    assert front.stage.action.confirmation() is None


def test_a_plan_that_policy_forbids_is_shown_stopped_and_written_down_as_denied(
    front: Front,
) -> None:
    front.said.against_plan = READ_ONLY
    plan = front.plan()
    assert plan.is_stopped
    assert front.events == [Event.DENIED]
    with pytest.raises(ActionError, match=READ_ONLY):
        front.desk.confirm(plan, code_of(plan), is_armed=True)
    assert front.reasons == [READ_ONLY, READ_ONLY]
    assert front.said.started == []


@pytest.mark.parametrize(
    ("name", "said"), [("test.swop", "no action"), (SWAP.id, "needs --set folder")]
)
def test_a_wish_that_cannot_even_be_planned_is_written_down_where_it_is_refused(
    front: Front, name: str, said: str
) -> None:
    wish = ActionRequest(name, "shop/nowhere")
    with pytest.raises(ActionError, match=said):
        asyncio.run(front.desk.plan(wish))
    assert front.events == []
    front.said.against_plan = READ_ONLY
    with pytest.raises(ActionError, match=said):
        asyncio.run(front.desk.plan(wish))
    [(event, more)] = front.stage.records.rows
    assert (event, more["verb"], more["target"]) == (Event.DENIED, name, "shop/nowhere")
    assert more["reason"].startswith(READ_ONLY)
    assert said in more["reason"]


def test_without_an_audit_log_plans_are_shown_and_stopped(front: Front) -> None:
    front.said.audit_problem = "the disk is full"
    front.said.against_plan = READ_ONLY
    front.stage.records.fails_from = 0
    plan = front.plan()
    stops = [one.name for one in plan.preflight if one.grade is Grade.STOP]
    assert stops == ["audit log", "allowed"]
    assert front.desk.audit_problem() == "the disk is full"


def test_a_held_target_stops_the_plan_with_who_holds_it(front: Front) -> None:
    front.said.holder = SafeText("mia runs restart it (01X) since 12:00:00 UTC")
    stops = {one.name: one.text for one in front.plan().preflight if one.grade is Grade.STOP}
    assert stops == {"holder": "mia runs restart it (01X) since 12:00:00 UTC"}


def test_what_is_unfinished_blocks_its_targets_until_it_is_recovered(front: Front) -> None:
    plan = front.killed()
    [state] = front.desk.blocking()
    assert state.plan.id == plan.id
    stops = [one for one in front.plan().preflight if one.grade is Grade.STOP]
    assert plan.id in stops[0].text
    front.desk.recover(plan.id[-6:])
    assert front.said.started[-1] == ("recover", plan.id)


def test_who_may_not_act_may_not_recover_and_that_is_written_down(front: Front) -> None:
    plan = front.killed()
    front.said.against_plan = READ_ONLY
    with pytest.raises(ActionError, match=f"nothing was done: {READ_ONLY}"):
        front.desk.recover(plan.id)
    assert front.reasons == [f"recover: {READ_ONLY}"]
    assert ("recover", plan.id) not in front.said.started


def test_nobody_recovers_what_lives_or_has_ended(front: Front) -> None:
    plan = front.killed()
    front.said.is_alive = True
    with pytest.raises(ActionError, match="is not unfinished"):
        front.desk.recover(plan.id)
    front.said.is_alive = False
    front.stage.action = front.desk.shelf.at(plan.id)
    assert front.stage.recover().phase is Phase.ROLLED_BACK
    with pytest.raises(ActionError, match="is not unfinished"):
        front.desk.recover(plan.id)


def needs_human(front: Front) -> Plan:
    plan = front.killed()
    journal = Journal(front.stage.action.path, front.stage.clock)
    journal.add(Mark.ENDED, text="it is neither", phase=Phase.NEEDS_HUMAN.value, proof="")
    journal.add(Mark.AUDITED)
    journal.close()
    return plan


def test_a_person_frees_its_targets_with_a_note_that_is_written_down(front: Front) -> None:
    plan = needs_human(front)
    assert [one.plan.id for one in front.desk.blocking()] == [plan.id]
    front.desk.resolve(plan.id, "put back by hand")
    assert front.desk.blocking() == ()
    event, more = front.stage.records.rows[-1]
    assert (event, more["result"], more["reason"]) == (
        Event.RECOVER, "resolved", "put back by hand",
    )  # fmt: skip
    with pytest.raises(ActionError, match="does not wait for a person"):
        front.desk.resolve(plan.id, "again")


def test_who_may_not_act_frees_nothing(front: Front) -> None:
    plan = needs_human(front)
    front.said.against_plan = "ada has no role here"
    with pytest.raises(ActionError, match="ada has no role here"):
        front.desk.resolve(plan.id, "put back by hand")
    assert front.reasons == ["resolve: ada has no role here"]
    assert len(front.desk.blocking()) == 1


def test_an_approval_that_does_not_count_is_refused_and_written_down(front: Front) -> None:
    plan = front.plan()
    front.said.against_approval = "nobody approves their own plan"
    with pytest.raises(ActionError, match="not approved: nobody approves their own plan"):
        front.desk.approve(code_of(plan))
    assert front.reasons == ["approve: nobody approves their own plan"]
    front.said.against_approval = ""
    assert front.desk.approve(code_of(plan)) == plan
    with pytest.raises(ActionError, match=r"approved\.json"):
        front.desk.approve(code_of(plan))


def test_a_code_is_of_one_request_and_of_a_plan_that_is_there(front: Front) -> None:
    plan = front.plan()
    other = ActionRequest("test.swap", "shop/files", (("folder", "/elsewhere"),))
    with pytest.raises(ActionError, match="is of another action: swap two files"):
        front.desk.planned(other, code_of(plan))
    with pytest.raises(ActionError, match="no plan has the code 'QQQQ'"):
        front.desk.planned(front.stage.request, "QQQQ")


def test_a_damaged_plan_hides_no_other(front: Front) -> None:
    plan = front.plan()
    front.plan()
    (front.stage.action.path / "plan.json").write_text("{}", "utf-8")
    assert front.desk.planned(front.stage.request, code_of(plan)) == plan


def test_an_unknown_action_is_named_with_the_nearest(front: Front) -> None:
    with pytest.raises(ActionError, match=r"did you mean test\.swap\?"):
        front.desk.action("test.swop")
    with pytest.raises(ActionError, match="lists them"):
        front.desk.action("zzz")


def test_arming_is_written_down(front: Front) -> None:
    front.desk.record_arming(is_armed=True)
    front.desk.record_arming(is_armed=False)
    assert front.events == [Event.ARM, Event.DISARM]


def test_offers_carry_what_their_action_asks_for(front: Front) -> None:
    [offer] = front.desk.offers()
    assert (offer.inputs, offer.danger) == (SWAP.inputs, SWAP.danger)
