"""Opens what a step of a procedure wants looked at; the run stays where it is."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from core.model.action import ActionRequest
from core.model.action_view import PlanAnswer, ReleaseRow, ReleasesAnswer
from core.model.procedure import SETTLED, ProcedureRun
from core.model.procedure_ways import Move, Way, part_asked, step_in_question
from core.model.text import SafeText, clean
from screens.releases import ReleasesScreen
from screens.step_places import StepFile, StepPlace, StepReleases, sight_of
from tui.action_link import ActionDeskHandle
from tui.editing import edit

_TAKES_RELEASE = frozenset({"git.rollback", "git.pull", "release.deploy", "release.rollback"})
_SHORT = 10


class Looking(Protocol):
    """What is needed of the application."""

    def in_loop(self, call: Callable[[], None]) -> None: ...
    def say(self, text: str) -> None: ...
    def warn(self, text: str) -> None: ...
    def now(self) -> datetime: ...
    def action_go(self, place: str, target: str = "") -> None: ...
    def ask_for_yes(self, answer: PlanAnswer) -> None: ...
    def push_screen(self, screen: Any, callback: Callable[[Any], None]) -> Any: ...


def look(
    app: Looking, desk: ActionDeskHandle, run: ProcedureRun, move: Callable[[Move], None]
) -> None:
    """Open what the step in question of a run looks at.

    Args:
        app: The application.
        desk: Who reads files and repositories.
        run: As the person saw it.
        move: Moves the run on, once a release was chosen for it.
    """
    index = step_in_question(run)
    if index is None:
        return
    step = run.steps[index].step
    match sight_of(run.system, step):
        case StepPlace(place, target):
            app.action_go(place, target)
            app.say(f"step {run.steps[index].number}, {step.title}: - comes back to it")
        case StepFile(action, target):
            edit(app, desk, ActionRequest(action, target))
        case StepReleases(target):
            _show_releases(app, desk, run, target, move)
        case None:
            app.say(f"no screen shows {step.what}")


def _show_releases(
    app: Looking,
    desk: ActionDeskHandle,
    run: ProcedureRun,
    target: str,
    move: Callable[[Move], None],
) -> None:
    taker = _taker(run, target)

    def chosen(one: ReleaseRow | None) -> None:
        if one is not None and taker:
            index = step_in_question(run)
            note = f"chose {one.commit[:_SHORT]}, {one.subject}"
            given = ((f"{taker}.to", one.commit),)
            move(Move(Way.TICK, note, index, is_seen=True, given=given))

    def opened(answer: ReleasesAnswer) -> None:
        if answer.problem:
            app.warn(f"{answer.target}: {answer.problem}")
            return
        said = clean(f"Take it for step {taker}") if taker else SafeText("Close")
        app.push_screen(ReleasesScreen(answer, said, app.now()), chosen)

    app.say(f"looking at {target}…")
    desk.releases(target, lambda answer: app.in_loop(partial(opened, answer)))


def _taker(run: ProcedureRun, target: str) -> str:
    """Return the number of the step of the same part that goes to a release; empty: none does."""
    index = step_in_question(run)
    if index is None or part_asked(run) is not None:
        return ""
    for one, record in list(zip(run.steps, run.records, strict=True))[index + 1 :]:
        is_same = f"{run.system}/{one.step.target}" == target
        if one.step.what in _TAKES_RELEASE and is_same and record.status not in SETTLED:
            return one.number
    return ""
