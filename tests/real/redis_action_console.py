"""One who acts on a real Redis with the real engine, and the console that tells what came of it."""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from config.loader import load
from core.actions.desk import ActionDesk
from core.actions.desk_thread import ActionDeskThread
from core.actions.failpoints import FailPoints
from core.actions.plan_codec import code_of, phrase_of
from core.clients.clock import SystemClock
from core.model.action import ActionRequest, Plan, Rung
from core.model.action_state import ActionState
from core.model.state import StateFolders
from tests.crashes import HurriedClock
from tests.fakes.scripted import screen_text
from tests.real.redis_console import HastyClock, RedisConsole, Seen
from tui.acting import Acting, desk_of, executor_of

_WITHIN = re.compile(r"[┃│](.*)[┃│]")
"""What stands in the frame of a dialog; nothing else on screen `0` has such a one."""


class Between(FailPoints):
    """Has somebody else do something at the first pass of a place of the executor."""

    def __init__(self, place: str, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._place, self._meanwhile = place, meanwhile

    def __call__(self, name: str) -> None:
        if name == self._place and name not in self.passed:
            self._meanwhile()
        self.passed.append(name)


def _not_now(_what: str, _action_id: str) -> None:
    """Leave the start to the test."""


class Operator:
    """Plans, says yes and carries out in this process; its state is beside its configuration."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.loaded = load(config, {}, checks_filters=False)
        self.desk: ActionDesk = replace(desk_of(self.loaded), start=_not_now)

    async def confirmed(self, action: str, target: str, **inputs: str) -> Plan:
        """Plan it and say yes to it."""
        plan = await self.desk.plan(ActionRequest(action, target, tuple(inputs.items())))
        assert not plan.is_stopped, plan.preflight
        said = phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan)
        self.desk.confirm(plan, said, is_armed=True)
        return plan

    async def carried_out(self, plan: Plan, fail: FailPoints | None = None) -> ActionState:
        """Carry out what was confirmed."""
        clock = HurriedClock()
        executor = executor_of(self.loaded, plan.id, fail or FailPoints(), lambda: False, clock)
        # A clock that hurries would find every check late.
        executor.capsule = partial(Acting(self.loaded, SystemClock()).capsule, plan.system)
        await executor.execute()
        executor.close()
        return self.desk.shelf.state(plan.id)

    async def done(self, action: str, target: str, **inputs: str) -> ActionState:
        """Plan it, say yes to it and carry it out."""
        return await self.carried_out(await self.confirmed(action, target, **inputs))

    def desk_thread(self, tell: Callable[[], None]) -> ActionDeskThread:
        """Return the desk as the console has it."""
        parts = ("actions", "procedures", "audit", "locks")
        folders = StateFolders(*(self.config.parent / "state" / one for one in parts))
        return ActionDeskThread(lambda: self.desk, tell, folders)


class Looking(Seen):
    """The console on what an operator does: screen `0`, and the dialog of a plan."""

    @property
    def dialog(self) -> str:
        """What stands within the frame of a dialog; empty: there is none."""
        return " ".join(" ".join(_WITHIN.findall(screen_text(self.app))).split())

    async def until_told(self, state: ActionState, *words: str) -> str:
        """Go to an action and wait until its row and what it says have these words."""
        self.app.show_action(state.plan.id)
        return await self.until_shown(f"Id {state.plan.id}", *words)

    async def until_refused(self, request: ActionRequest, *words: str) -> None:
        """Have something planned, wait until the dialog says why not, and leave it."""
        self.app.plan(request)

        def is_so(_text: str) -> bool:
            return all(one in self.dialog for one in ("It cannot be done now", *words))

        await self.until(is_so, f"{words} in a dialog")
        await self.press("escape")
        await self.until(lambda _text: not self.dialog, "closed")


@asynccontextmanager
async def looking(operator: Operator) -> AsyncGenerator[Looking]:
    """Open the console on what an operator did and can do."""
    app = RedisConsole(operator.config, HastyClock(), operator.desk_thread)
    async with app.run_test(size=(200, 60)) as pilot:
        seen = Looking(app, pilot)
        await seen.press("0")
        yield seen
