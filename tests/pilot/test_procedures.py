"""Procedures from the console: what is asked, what is shown, and which step a key is about."""

from dataclasses import replace

from bench.scene_plans import answers
from bench.scene_procedures import RUNNING
from core.model.action_pages import Page, ProcedureEntry
from core.model.action_view import RunAnswer
from core.model.operation import ProcedureStep
from core.model.procedure import ProcedureRun, RunPhase, RunStep, StepRecord
from core.model.procedure_ways import Move, Way
from core.model.text import clean
from screens.actions import ActionsScreen
from screens.note import NoteScreen
from screens.procedure import ProcedureScreen
from screens.releases import ReleasesScreen
from screens.services import ServicesScreen
from tests.fakes.scripted import until
from tests.pilot.action_console import Acting, acting
from widgets.line_view import LineView
from widgets.services_table_pane import ServicesTablePane

FAILED, GOING, TICK, OVER, NEVER, OPTIONAL = range(6)


def keys_to(number: int) -> tuple[str, ...]:
    return ("0", *["right_square_bracket"] * 4, *["down"] * number)


def entry_of(console: Acting) -> ProcedureEntry:
    entry = console.screen.procedure
    assert entry is not None
    return entry


def run_of(console: Acting) -> ProcedureRun:
    run = entry_of(console).last
    assert run is not None
    return run


def footer(console: Acting) -> str:
    return console.text.splitlines()[-1]


async def test_inputs_are_asked_and_all_steps_shown_before_the_first() -> None:
    async with acting((160, 40), keys_to(NEVER)) as console:
        await console.press("b")
        await console.until_shown("1 Restart: why, for the log", "needed")
        await console.press("enter")
        await console.until_shown("is needed")
        await console.type("tuesday")
        await console.press("enter")
        await console.until_shown("begin api-gateway/emergency-restart", "Given: 1.note=tuesday")
        assert "action service.restart proxy-service" in console.text
        await console.press("enter")
        assert console.desk.begun == []
        await console.press("b")
        await console.type("tuesday")
        await console.press("enter")
        await until(console.pilot, lambda: isinstance(console.app.screen, ProcedureScreen))
        await console.press("right", "enter")
        (request,) = console.desk.begun
        assert (request.target, request.inputs) == (
            "api-gateway/emergency-restart", (("1.note", "tuesday"),)
        )  # fmt: skip


async def test_a_run_that_is_moved_is_looked_at_with_its_output_and_let_go() -> None:
    async with acting((120, 40), keys_to(GOING)) as console:
        await console.until_shown(
            "Restore: runs for 9 s, step 3 of 4", "moves on this run, from here",
            "exchange /srv/gateway/conf", "L Let go",
        )  # fmt: skip
        looked_at = console.desk.picture.looked_at
        assert looked_at is not None
        assert looked_at.action_id == RUNNING
        assert "Go on" not in footer(console)
        await console.press("c", "t", "S", "X")
        assert console.desk.moved == []
        await console.press("L")
        assert console.desk.let_go == [run_of(console).id]


async def test_a_tick_may_have_a_note_and_is_about_the_step_that_was_seen() -> None:
    async with acting((120, 40), keys_to(TICK)) as console:
        await console.until_shown("Step 4  Tell the team: waits for your tick", "Write down what")
        await console.press("t")
        await until(console.pilot, lambda: isinstance(console.app.screen, NoteScreen))
        await console.press("enter")
        own = run_of(console).id
        assert console.desk.moved == [(own, Move(Way.TICK, "", 3, is_seen=True), False)]
        await console.press("F", "enter")
        assert len(console.desk.moved) == 1
        await console.until_shown("a word is needed")
        await console.type("nobody answered")
        await console.press("enter")
        assert console.desk.moved[-1][1] == Move(Way.FAIL, "nobody answered", 3, is_seen=True)


async def test_a_failed_step_offers_every_way_on_and_a_gate_cannot_be_passed() -> None:
    async with acting((120, 40), keys_to(FAILED)) as console:
        await console.until_shown("failed: check health: HTTP 502", "tries step 3 again")
        for key in ("c Go on", "S Skip", "U Roll back", "X Give up"):
            assert key in footer(console)
        await console.press("c")
        assert console.desk.moved[-1][1].way is Way.GO_ON
        await console.press("U", "enter")
        assert console.desk.moved[-1][1].way is Way.ROLL_BACK
        entry = entry_of(console)
        run = run_of(console)
        gated = replace(run.steps[2], step=replace(run.steps[2].step, is_gate=True))
        steps = (*run.steps[:2], gated, *run.steps[3:])
        others = console.desk.picture.pages.procedures or ()
        changed = (replace(entry, last=replace(run, steps=steps)), *others[1:])
        pages = replace(console.desk.picture.pages, procedures=changed)
        console.desk.show(replace(console.desk.picture, pages=pages))
        await until(console.pilot, lambda: "Skip" not in footer(console))
        await console.press("S")
        assert len(console.desk.moved) == 2


async def test_each_action_step_has_its_own_dialog_and_its_yes_goes_to_the_run() -> None:
    async with acting((120, 40), keys_to(FAILED), has_acted=True) as console:
        asked = answers()["service.restart"]
        run = replace(run_of(console), phase=RunPhase.GOING)
        console.desk.run_answer = RunAnswer(run.id, run, asked)
        await console.press("A", "c")
        await console.until_listening()
        console.desk.run_answer = RunAnswer(run.id, run)
        await console.read_to_the_end()
        await console.type(asked.phrase)
        await console.press("enter")
        await until(console.pilot, lambda: not console.is_asking)
        assert console.confirmed == []
        run_id, move, is_armed = console.desk.moved[-1]
        assert (run_id, move.plan, move.said, is_armed) == (run.id, asked.plan, asked.phrase, True)
        assert len(console.desk.moved) == 2


async def test_an_optional_part_is_asked_about_and_skipped_whole_with_a_reason() -> None:
    async with acting((120, 40), keys_to(OPTIONAL)) as console:
        await console.until_shown(
            "Part 3  Roll back if needed: is it needed?", "begins part 3: it is needed",
            "skips part 3 as a whole: steps 3.1 to 3.2, gates too", "Roll back if needed  optional",
        )  # fmt: skip
        assert "P Skip part" in footer(console)
        await console.press("t", "F", "S")
        assert console.desk.moved == []
        await console.press("P")
        await console.until_shown("skip part 3, Roll back if needed", "the audit log")
        await console.press("enter")
        await console.until_shown("a word is needed")
        await console.type("it is well again")
        await console.press("enter")
        own = run_of(console).id
        assert console.desk.moved == [
            (own, Move(Way.SKIP_PART, "it is well again", 2, is_seen=True), False)
        ]
        await console.press("c")
        assert console.desk.moved[-1][1].way is Way.GO_ON


async def at_the_look(console: Acting, step: RunStep) -> None:
    """Have the run of the optional part be at a look, as if the part had been begun."""
    entry, run = entry_of(console), run_of(console)
    records = (*run.records[:1], StepRecord(), *run.records[2:])
    steps = (run.steps[0], step, *run.steps[2:])
    changed = replace(run, system="shop", steps=steps, records=records)
    others = console.desk.picture.pages.procedures or ()
    pages = replace(
        console.desk.picture.pages, procedures=(*others[:-1], replace(entry, last=changed))
    )
    console.desk.show(replace(console.desk.picture, pages=pages))
    await console.until_shown(f"opens {step.step.what}; the run waits meanwhile")


async def test_enter_opens_what_a_step_looks_at_and_esc_comes_back_to_the_run() -> None:
    async with acting((120, 40), keys_to(OPTIONAL)) as console:
        look = RunStep("2", ProcedureStep("Is it running?", "view", "services/worker"))
        await at_the_look(console, look)
        assert "w Look" in footer(console)
        own = run_of(console).id
        # The first shows the procedure in full; the second goes on to what it looks at.
        await console.press("enter")
        await until(console.pilot, lambda: isinstance(console.screen.focused, LineView))
        await console.press("enter")
        await until(console.pilot, lambda: isinstance(console.app.front, ServicesScreen))
        table = console.app.front.query_one(ServicesTablePane)
        await until(console.pilot, lambda: table.cursor_key.endswith("shop/worker"))
        await console.press("escape")
        await until(console.pilot, lambda: isinstance(console.app.front, ActionsScreen))
        assert run_of(console).id == own
        await console.until_shown("Step 2  Is it running?: waits for your tick")
        assert console.desk.moved == []
        await console.press("w")
        await until(console.pilot, lambda: isinstance(console.app.front, ServicesScreen))


async def test_a_release_that_is_chosen_is_what_the_next_step_goes_to() -> None:
    async with acting((120, 40), keys_to(OPTIONAL)) as console:
        entry, run = entry_of(console), run_of(console)
        entered = replace(run, entered=frozenset({"3"}))
        others = console.desk.picture.pages.procedures or ()
        pages = replace(
            console.desk.picture.pages, procedures=(*others[:-1], replace(entry, last=entered))
        )
        console.desk.show(replace(console.desk.picture, pages=pages))
        await console.until_shown("opens repos/main")
        await console.press("w")
        await console.until_shown("releases of api-gateway/main", "Take limits", "◀ now")
        await console.until_shown("Take it for step 3.2")
        await console.press("escape")
        assert console.desk.moved == []
        await console.press("w")
        await until(console.pilot, lambda: isinstance(console.app.screen, ReleasesScreen))
        await console.press("enter")
        note = "chose 1111111111, Cache answers for a minute"
        given = (("3.2.to", "1" * 40),)
        assert console.desk.moved == [
            (run.id, Move(Way.TICK, note, 2, is_seen=True, given=given), False)
        ]


async def test_no_dialog_comes_up_where_nobody_looks_at_procedures() -> None:
    async with acting((120, 40), keys_to(FAILED)) as console:
        run = replace(run_of(console), phase=RunPhase.GOING, title=clean("Weekly check"))
        console.desk.run_answer = RunAnswer(run.id, run, answers()["service.restart"])
        screen = console.screen
        await console.press("U")
        await until(console.pilot, lambda: isinstance(console.app.screen, NoteScreen))
        screen.page = Page.ACTIONS
        await console.press("enter")
        await console.until_told("Weekly check: step 4, Tell the team waits for your tick")
        assert not console.is_asking


async def test_what_is_typed_filters_what_can_be_done() -> None:
    async with acting((120, 40), ("0", *["right_square_bracket"] * 3, "enter")) as console:
        await console.until_shown("what can be done with api-gateway/config")
        await console.type("verify")
        await console.until_shown("/ verify", "1 of ", "verify Gateway configuration")
        await console.press("enter")
        await console.until_asked()
        assert "verify" in console.dialog.plan.title


async def test_what_is_asked_for_before_it_is_known_what_can_be_done_waits_for_that() -> None:
    async with acting((120, 40), ("0",)) as console:
        known = console.desk.picture
        offer = next(one for one in known.offers or () if not one.inputs and not one.reason_against)
        console.desk.show(replace(known, offers=None))
        await until(console.pilot, lambda: console.app.actions.offers is None)
        assert console.desk.looked_up == 0, "who looks at past actions needs none of it"
        console.app.action_do(f"{offer.action} {offer.target}")
        await console.until_told("looking up what can be done")
        assert not console.is_asking
        assert console.desk.looked_up == 1
        console.desk.show(known)
        await console.until_asked()
        assert console.dialog.plan.request.action == offer.action


async def test_a_second_wish_meanwhile_says_that_the_first_is_not_done() -> None:
    async with acting((120, 40), ("0",)) as console:
        known = console.desk.picture
        first, second = [
            one for one in known.offers or () if not one.inputs and not one.reason_against
        ][:2]
        console.desk.show(replace(known, offers=None))
        await until(console.pilot, lambda: console.app.actions.offers is None)
        console.app.action_do(f"{first.action} {first.target}")
        await console.until_told("looking up what can be done")
        console.app.action_do(f"{second.action} {second.target}")
        await console.until_told(f"not asked for any more: {first.action} {first.target}")
        console.desk.show(known)
        await console.until_asked()
        assert console.dialog.plan.request.action == second.action


async def test_of_two_ways_to_ask_what_can_be_done_the_last_one_counts() -> None:
    async with acting((120, 40), ("0",)) as console:
        known = console.desk.picture
        one = next(one for one in known.offers or () if not one.inputs and not one.reason_against)
        console.desk.show(replace(known, offers=None))
        await until(console.pilot, lambda: console.app.actions.offers is None)
        console.app.offer(one.target)
        console.app.action_do(f"{one.action} {one.target}")
        console.desk.show(known)
        await console.until_asked()
        assert console.app.screen_stack[1:] == [console.dialog]
