"""Moves runs of procedures on for a console: each move is a task that goes up to the next person.

The tasks are the console's; actions of a run are not, and go on when it leaves.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.actions.desk import ActionDesk
from core.actions.ids import new_id
from core.actions.plan_codec import code_of, phrase_of
from core.actions.procedure.deciding import decide, started
from core.actions.procedure.events import Started
from core.actions.procedure.hands import DeskHands
from core.actions.procedure.inputs import with_inputs
from core.actions.procedure.moves import events_of
from core.actions.procedure.runner import Runner
from core.actions.procedure.steps import procedure_of, steps_of
from core.actions.procedure.store import HeldRun, RunStore
from core.errors import ActionError, ConsoleError
from core.model.action import ActionRequest, Plan
from core.model.action_view import PlanAnswer, RunAnswer
from core.model.procedure_ways import Move
from core.model.text import EMPTY, SafeText, clean

Answer = Callable[[RunAnswer], None]
"""Is told, in the desk's thread, where a run stands once nobody moves it on any more."""
WaitsFor = Callable[[ActionDesk, Plan], SafeText]


class RunDriver:
    """Moves runs on, several at once; one that somebody else moves is left to them.

    Args:
        desk: Whose configuration.
        store: Where runs are.
        waits_for: Says what would keep a plan from starting though changes are switched on.
    """

    def __init__(self, desk: ActionDesk, store: RunStore, waits_for: WaitsFor) -> None:
        self._desk = desk
        self._store = store
        self._waits_for = waits_for
        self._moving: dict[str, asyncio.Task[object]] = {}

    @property
    def moving(self) -> frozenset[str]:
        """The ids of the runs that are moved on from here now."""
        return frozenset(self._moving)

    async def begin(self, request: ActionRequest, answer: Answer, *, is_armed: bool) -> None:
        """Begin a procedure and go up to the first step that takes a person.

        Args:
            request: Of `BEGIN`: `system/name`, and inputs each named `STEP.NAME`.
            answer: Is told where it stands then.
            is_armed: Whether changes are switched on.
        """
        system, _, name = request.target.partition("/")
        own = self._desk.planner.site.operations_of(system)
        try:
            spec = procedure_of(own, name)
            steps = with_inputs(steps_of(own, name), request.inputs)
            now_s = self._now_s()
            event = Started(
                now_s, self._who, new_id(now_s), system, name, spec.title, steps, self._config
            )
            held = await asyncio.to_thread(self._started, event)
        except ConsoleError as error:
            answer(RunAnswer(problem=clean(str(error))))
            return
        await self._go(held, DeskHands(self._desk, is_armed=is_armed), answer)

    async def move(self, run_id: str, move: Move, answer: Answer, *, is_armed: bool) -> None:
        """Do what a person wants of a run, then go on up to the next step that takes one."""
        hands = DeskHands(self._desk, is_armed=is_armed)
        if move.plan is not None:
            hands.confirm(move.plan, move.said)
        try:
            held = await asyncio.to_thread(self._taken, run_id, move)
        except ConsoleError as error:
            answer(RunAnswer(run_id, problem=clean(str(error))))
            return
        await self._go(held, hands, answer)

    def let_go(self, run_id: str) -> None:
        """Stop moving a run on; an action of it that is under way goes on, and is found later."""
        if run_id in self._moving:
            self._moving[run_id].cancel()

    @property
    def _who(self) -> str:
        return self._desk.planner.actor

    @property
    def _config(self) -> str:
        return str(Path(self._desk.planner.config).resolve())

    def _now_s(self) -> float:
        return round(self._desk.planner.site.ports.clock.now().timestamp(), 3)

    def _started(self, event: Started) -> HeldRun:
        return started(event, self._store, self._desk.audit)

    def _taken(self, run_id: str, move: Move) -> HeldRun:
        """Take a run up and write a person's move down."""
        held = self._store.hold(run_id, self._who)
        try:
            self._refuse_others(held)
            events = events_of(held.run, move, self._now_s(), self._who)
            decide(held, events, self._desk.audit)
        except ActionError:
            held.close()
            raise
        return held

    def _refuse_others(self, held: HeldRun) -> None:
        if held.run.config != self._config:
            raise ActionError(f"this run belongs to another configuration: {held.run.config}")

    async def _go(self, held: HeldRun, hands: DeskHands, answer: Answer) -> None:
        run_id, problem = held.run.id, EMPTY
        task = asyncio.current_task()
        if task is not None:
            self._moving[run_id] = task
        try:
            runner = Runner(held, hands, self._desk.planner.site.ports.clock, self._who)
            if not held.run.is_over:
                await runner.go()
        except ConsoleError as error:
            problem = clean(str(error))
        finally:
            self._moving.pop(run_id, None)
            with suppress(OSError):
                held.close()
        plan = await self._answered(hands.waiting) if hands.waiting is not None else None
        answer(RunAnswer(run_id, held.run, plan, problem))

    async def _answered(self, plan: Plan) -> PlanAnswer:
        waits_for = await asyncio.to_thread(self._waits_for, self._desk, plan)
        return PlanAnswer(plan, code_of(plan), phrase_of(plan), waits_for)
