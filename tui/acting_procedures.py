"""Procedures from the console: what is asked before one begins, and what becomes of its runs."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from textual.screen import Screen

from core.model.action import ActionRequest, Offer
from core.model.action_pages import Page, ProcedureEntry
from core.model.action_view import PlanAnswer, RunAnswer
from core.model.procedure import ProcedureRun, RunPhase
from core.model.procedure_ways import (
    BY_PEOPLE,
    Move,
    Way,
    next_step,
    part_asked,
    part_in_question,
    step_in_question,
    steps_text,
)
from core.model.text import clean
from screens.action_wish import ProcedureWish
from screens.actions import ActionsScreen
from screens.confirm import Said
from screens.inputs import InputsScreen
from screens.note import NoteScreen
from screens.procedure import ProcedureScreen
from screens.procedure_wishes import BeginWanted, LettingGo, LookWanted, WayTaken
from tui.action_link import ActionDeskHandle
from tui.step_looking import Looking, look
from widgets.present.header import Mode

BEGIN = "procedure.begin"
_ASKED: dict[Way, tuple[str, bool]] = {
    Way.TICK: ("What was seen, for whoever reads it later (may stay empty):", False),
    Way.FAIL: ("What was seen:", True),
    Way.SKIP: ("Why it is gone past:", True),
    Way.SKIP_PART: ("Why it is not needed:", True),
    Way.ROLL_BACK: ("Why (may stay empty):", False),
    Way.ABANDON: ("Why it is given up (may stay empty):", False),
}
"""To the note that is asked for, and whether it is needed."""
_SAYS = {
    Way.TICK: "You say that this step is done. The run goes on up to the next step for a person.",
    Way.FAIL: "You say that this step did not come out. What follows is as the procedure has it.",
    Way.SKIP: "The run goes on behind this step, as if it were not there.",
    Way.SKIP_PART: (
        "Nothing more of this part is done, its gates included; the run goes on behind it. What "
        "was done of it stays done. Your reason stands in the run and in the audit log."
    ),
    Way.ROLL_BACK: (
        "What the run's actions did is taken back, the last first. Each has a plan of its own, "
        "and nothing begins before your yes to it."
    ),
    Way.ABANDON: "The run is over then. Nothing is taken back: what was done stays done.",
}


class Driving(Looking, Protocol):
    """What is needed of the application."""

    @property
    def mode(self) -> Mode: ...
    @property
    def screen(self) -> Screen[Any]: ...
    def ask_for_yes(
        self, answer: PlanAnswer, then: Callable[[Said | None], None] | None = None
    ) -> None: ...


def drive(app: Driving, desk: ActionDeskHandle, wish: ProcedureWish) -> None:
    """Have the desk do what is wanted of a procedure."""
    match wish:
        case BeginWanted(entry):
            _ask_for_inputs(app, desk, entry)
        case WayTaken(run, way):
            _take(app, desk, run, way)
        case LookWanted(run):
            look(app, desk, run, lambda move: _move(app, desk, run, move))
        case LettingGo(run):
            desk.let_run_go(run.id)
            app.say(f"{run.title}: let go; {_where(run)}")
        case _:
            raise TypeError(wish)


def _ask_for_inputs(app: Driving, desk: ActionDeskHandle, entry: ProcedureEntry) -> None:
    target = f"{entry.system}/{entry.spec.name}"
    request = ActionRequest(BEGIN, target)
    if not entry.inputs:
        _ask_to_begin(app, desk, entry, request)
        return
    offer = Offer(
        BEGIN, target, clean(f"{entry.spec.title}: before it begins"), inputs=entry.inputs
    )

    def told(given: ActionRequest | None) -> None:
        if given is not None:
            _ask_to_begin(app, desk, entry, given)

    app.push_screen(InputsScreen(offer), told)


def _ask_to_begin(
    app: Driving, desk: ActionDeskHandle, entry: ProcedureEntry, request: ActionRequest
) -> None:
    def told(is_wanted: bool | None) -> None:
        if is_wanted:
            desk.begin_run(request, _answered(app, desk), is_armed=_is_armed(app))

    app.push_screen(ProcedureScreen(entry, request.inputs), told)


def _take(app: Driving, desk: ActionDeskHandle, run: ProcedureRun, way: Way) -> None:
    def move(note: str | None) -> None:
        if note is not None:
            _move(app, desk, run, Move(way, note, step_in_question(run), is_seen=True))

    if way not in _ASKED:
        move("")
        return
    label, is_needed = _ASKED[way]
    title = clean(f"{run.title}: {_about(run, way)}")
    note = NoteScreen(title, clean(_SAYS[way]), clean(label), is_needed=is_needed)
    app.push_screen(note, move)


def _move(app: Driving, desk: ActionDeskHandle, run: ProcedureRun, move: Move) -> None:
    desk.move_run(run.id, move, _answered(app, desk), is_armed=_is_armed(app))


def _answered(app: Driving, desk: ActionDeskHandle) -> Callable[[RunAnswer], None]:
    def answer(one: RunAnswer) -> None:
        app.in_loop(partial(_tell, app, desk, one))

    return answer


def _tell(app: Driving, desk: ActionDeskHandle, answer: RunAnswer) -> None:
    """Say where a run stands; ask for a yes where somebody looks at it."""
    if answer.problem:
        app.warn(answer.problem)
        return
    run = answer.run
    if run is None:
        return
    if answer.plan is not None and _is_looked_at(app):
        _ask_for_yes(app, desk, run, answer.plan)
    elif run.phase is RunPhase.STOPPED:
        app.warn(f"{run.title}: {_where(run)} failed")
    elif run.is_over:
        app.say(f"{run.title}: {run.phase.replace('_', ' ')}")
    else:
        app.say(f"{run.title}: {_where(run)} waits for {_wanted(run)}")


def _ask_for_yes(
    app: Driving, desk: ActionDeskHandle, run: ProcedureRun, asked: PlanAnswer
) -> None:
    """Confirm a step as its action demands; the yes is good for this step of this run alone."""

    def said(one: Said | None) -> None:
        if one is None:
            app.say(f"{run.title}: {_where(run)} still waits for a yes")
            return
        taken = Move(Way.GO_ON, "", next_step(run), is_seen=True)
        if not one.looks_again:
            taken = Move(Way.GO_ON, "", next_step(run), is_seen=True, plan=one.plan, said=one.text)
        desk.move_run(run.id, taken, _answered(app, desk), is_armed=_is_armed(app))

    app.ask_for_yes(asked, said)


def _is_looked_at(app: Driving) -> bool:
    """Tell whether a person looks at procedures, and at no dialog: none comes up unasked."""
    screen = app.screen
    return isinstance(screen, ActionsScreen) and screen.page is Page.PROCEDURES


def _is_armed(app: Driving) -> bool:
    return app.mode.armed_left_s is not None


def _about(run: ProcedureRun, way: Way) -> str:
    """Return what a note is about: a part where one is skipped, else the step."""
    part = part_in_question(run)
    if way is not Way.SKIP_PART or part is None:
        return _where(run)
    return f"skip part {part.number}, {part.title} ({steps_text(run, part)})"


def _where(run: ProcedureRun) -> str:
    index, part = step_in_question(run), part_asked(run)
    if index is None:
        return run.phase.replace("_", " ")
    if part is not None:
        return f"part {part.number}, {part.title}"
    return f"step {run.steps[index].number}, {run.steps[index].step.title}"


def _wanted(run: ProcedureRun) -> str:
    if part_asked(run) is not None:
        return "your word whether it is needed"
    index = next_step(run)
    is_ticked = index is not None and run.steps[index].step.kind in BY_PEOPLE
    return "your tick" if is_ticked else "a yes to its plan"
