"""Undoing a committed action: its steps' own way back, planned and proven like any other.

The copies are those that the action kept in its folder before its first step.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from core.actions.action import Action, Draft, DraftStep, DraftTrait, Site
from core.actions.folder import ActionFolder, FolderWork
from core.actions.part import Outliving, Seen, Sight, Step, part, thaw
from core.actions.ports import Ports
from core.actions.shelf import Shelf
from core.actions.work import Work
from core.errors import ActionError
from core.model.action import (
    ActionRequest,
    Danger,
    Grade,
    Offer,
    Part,
    Phase,
    PlannedStep,
    Preflight,
)
from core.model.action_state import ActionState
from core.model.text import SafeText, clean

UNDO = "action.undo"
_MIRRORED = {Sight.BEFORE: Sight.AFTER, Sight.AFTER: Sight.BEFORE, Sight.NEITHER: Sight.NEITHER}


@part
@dataclass(frozen=True, slots=True)
class UndoStep:
    """One step of an earlier action, taken back."""

    kind: ClassVar[str] = "engine.undo"
    can_undo: ClassVar[bool] = True

    step_kind: str
    step_arguments: str
    folder: str
    """Of the action that did the step; absolute."""

    @property
    def _step(self) -> Step:
        return thaw(Part(self.step_kind, self.step_arguments))

    @property
    def _work(self) -> Work:
        return FolderWork(ActionFolder(Path(self.folder)))

    async def observe(self, ports: Ports) -> Seen:
        """See the step's target the other way round."""
        seen = await self._step.observe(ports)
        return Seen(_MIRRORED[seen.sight], seen.text)

    async def save(self, ports: Ports, work: Work) -> None:
        """What the way forward needs is in the step itself."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Take the step back, with the copies that were kept for that."""
        await self._step.undo(ports, self._work)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Do the step again, unless it was never taken back."""
        if (await self._step.observe(ports)).sight is not Sight.AFTER:
            await self._step.apply(ports, self._work)

    async def goes_on(self, ports: Ports, since_s: float) -> bool:
        """Tell whether others may be at it: they take back as they do, without us."""
        step = self._step
        return isinstance(step, Outliving) and await step.goes_on(ports, since_s)


@part
@dataclass(frozen=True, slots=True)
class StepTrait:
    """What one step's target looks like."""

    kind: ClassVar[str] = "engine.step"

    step_kind: str
    step_arguments: str

    async def read(self, ports: Ports) -> SafeText:
        """Return where it stands."""
        seen = await thaw(Part(self.step_kind, self.step_arguments)).observe(ports)
        return clean(f"{seen.sight}: {seen.text}")


def can_undo(state: ActionState) -> str:
    """Return why a committed action cannot be undone; empty: it can."""
    if state.phase is not Phase.COMMITTED:
        return "only what was committed is undone"
    for one in state.plan.steps:
        if one.is_irreversible:
            return f"there is no way back from: {one.title}"
        try:
            step: Step = thaw(one.part)
        except ActionError as error:
            return str(error)
        if not step.can_undo or one.is_after_proof:
            return f"this step has no way back: {one.title}"
    return ""


def undo_action(shelf: Shelf) -> Action:
    """Return the action that undoes those of a shelf; its target is an action's id."""
    return Action(
        UNDO,
        "Undo an action",
        "undo",
        danger=Danger.CHANGE,  # the draft takes that of what is undone
        offers=_no_offers,
        draft=_draft_from(shelf),
    )


def _no_offers(_site: Site) -> tuple[Offer, ...]:
    """It is offered where the action is shown."""
    return ()


def _draft_from(shelf: Shelf) -> Callable[[Site, ActionRequest], Awaitable[Draft]]:
    async def draft(site: Site, request: ActionRequest) -> Draft:
        folder = shelf.at(request.target)
        state = shelf.state(folder.action_id)
        reason = can_undo(state)
        if reason:
            raise ActionError(f"action {folder.action_id} cannot be undone: {reason}")
        done = state.plan
        steps = tuple(_undo_of(one, folder.path) for one in reversed(done.steps))
        sights = [(await one.step.observe(site.ports)) for one in steps]
        return Draft(
            title=clean(f"undo: {done.title}"),
            targets=done.targets,
            steps=steps,
            traits=tuple(
                DraftTrait(
                    clean(f"what this left: {one.title}"),
                    StepTrait(one.part.kind, one.part.arguments),
                )
                for one in done.steps
            ),
            radius=(_TAKEN_BACK, *done.radius) if done.radius else (),
            preflight=tuple(
                _check(one.title, seen) for one, seen in zip(steps, sights, strict=True)
            ),
            locks=done.locks,
            is_locked_whole=True,  # they were: what is done locks what it touches already
            downtime=done.downtime,
            way_back=SafeText("what was undone is done again"),
            danger=done.danger,
            system=done.system,
            called=done.called,
        )

    return draft


_TAKEN_BACK = SafeText("this is taken back, as far as it can be:")
"""Before what an action reached: the same words are true of its undo the other way round."""


def _undo_of(one: PlannedStep, folder: Path) -> DraftStep:
    words = clean(f"take back: {one.title}{f' ({one.undo})' if one.undo else ''}")
    step = UndoStep(one.part.kind, one.part.arguments, str(folder))
    return DraftStep(words, step, one.deadline_s)


def _check(title: SafeText, seen: Seen) -> Preflight:
    if seen.sight is Sight.BEFORE:
        return Preflight("as it was left", Grade.PASS, clean(f"{title}: {seen.text}"))
    text = clean(f"{title}: it is not as the action left it: {seen.text}")
    return Preflight("as it was left", Grade.STOP, text)
