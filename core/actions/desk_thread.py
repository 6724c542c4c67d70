"""The desk in a thread of its own: plans, confirmations and folders never hold up the screen."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from core.actions.desk import ActionDesk
from core.actions.desk_editing import hand_over, open_text
from core.actions.desk_entering import keep_entered, path_of
from core.actions.desk_loop import DeskLoop, Told, still_needed
from core.actions.desk_procedures import Answer, RunDriver
from core.actions.desk_revealing import reveal
from core.actions.plan_codec import code_of, phrase_of
from core.errors import ConsoleError
from core.model.action import ActionRequest, Plan
from core.model.action_pages import Page
from core.model.action_view import (
    EditAnswer,
    PlanAnswer,
    ReleasesAnswer,
    RevealAnswer,
    RunAnswer,
)
from core.model.procedure_ways import Move
from core.model.secret import Secret
from core.model.text import clean


class ActionDeskThread(DeskLoop):
    """What the console can order of the desk; every answer comes from the desk's thread."""

    def look_at(self, action_id: str) -> None:
        """Read this action's output too; empty: none."""
        self._look_at = action_id
        self._hurry()

    def turn_to(self, page: Page) -> None:
        """Read this page too, as long as somebody looks at it."""
        self._page = page
        self._hurry()

    def look_up_offers(self) -> None:
        """Look up what can be done, for the picture; once is enough."""

        async def work() -> None:
            with suppress(ConsoleError):  # where there is no desk the picture says why
                await self._look_up(await self._made())

        self._do(work())

    def plan(self, request: ActionRequest, reply: Callable[[PlanAnswer], None]) -> None:
        """Plan; `reply` is called in the desk's thread."""

        async def work() -> None:
            try:
                desk = await self._made()
                plan = await desk.plan(request)
                waits_for = await asyncio.to_thread(still_needed, desk, plan)
            except ConsoleError as error:
                reply(PlanAnswer(None, problem=clean(str(error))))
            else:
                reply(PlanAnswer(plan, code_of(plan), phrase_of(plan), waits_for))

        self._do(work())

    def look_after(self, plan: Plan, told: Told) -> None:
        """Look whether somebody else still has to do something before a plan may start."""

        async def work() -> None:
            try:
                waits_for = await asyncio.to_thread(still_needed, await self._made(), plan)
            except ConsoleError as error:
                waits_for = clean(str(error))
            told(waits_for)

        self._do(work())

    def open_text(self, request: ActionRequest, reply: Callable[[EditAnswer], None]) -> None:
        """Read the file that an edit would change; `reply` is called in the desk's thread."""

        async def work() -> None:
            try:
                found = await open_text((await self._made()).planner.site, request)
            except ConsoleError as error:
                reply(EditAnswer(problem=clean(str(error))))
            else:
                reply(EditAnswer(found.path, found.text, found.hidden))

        self._do(work())

    def releases(self, target: str, reply: Callable[[ReleasesAnswer], None]) -> None:
        """Look what a repository may go to; `reply` is called in the desk's thread."""

        async def work() -> None:
            # Only who looks at releases pays for their family.
            from core.actions.families.releases_look import release_rows  # noqa: PLC0415

            try:
                rows = await release_rows((await self._made()).planner.site, target)
            except ConsoleError as error:
                reply(ReleasesAnswer(target, problem=clean(str(error))))
            else:
                reply(ReleasesAnswer(target, rows))

        self._do(work())

    def hand_over(
        self, request: ActionRequest, text: str, reply: Callable[[PlanAnswer], None]
    ) -> None:
        """Keep an edited text, and plan its change; `reply` is called in the desk's thread."""

        async def work() -> None:
            folder = self._folders.actions.parent / "edits"
            try:
                site = (await self._made()).planner.site
                wanted = await hand_over(site, request, text, folder)
            except ConsoleError as error:
                reply(PlanAnswer(None, problem=clean(str(error))))
            else:
                self.plan(wanted, reply)

        self._do(work())

    def enter(
        self, request: ActionRequest, value: Secret, reply: Callable[[PlanAnswer], None]
    ) -> None:
        """Keep a secret in a private file, and plan with it; `reply` likewise."""

        async def work() -> None:
            try:
                now_s = (await self._made()).planner.site.ports.clock.now().timestamp()
                wanted = await asyncio.to_thread(
                    keep_entered, request, value, self._entered_folder, now_s
                )
            except ConsoleError as error:
                reply(PlanAnswer(None, problem=clean(str(error))))
            else:
                self._entered |= {path for path in (path_of(wanted),) if path is not None}
                self.plan(wanted, reply)

        self._do(work())

    def reveal(self, action_id: str, reply: Callable[[RevealAnswer], None]) -> None:
        """Take the key that an action left to be shown once; `reply` likewise."""

        async def work() -> None:
            try:
                secret = await asyncio.to_thread(reveal, await self._made(), action_id)
            except ConsoleError as error:
                reply(RevealAnswer(None, clean(str(error))))
            else:
                reply(RevealAnswer(secret))

        self._do(work())

    def confirm(self, plan: Plan, said: str, told: Told, *, is_armed: bool) -> None:
        """Say yes to a plan and start it."""

        def order(desk: ActionDesk) -> None:
            desk.confirm(plan, said, is_armed=is_armed)
            self._entered -= {path for path in (path_of(plan.request),) if path is not None}

        self._order(order, told)

    def begin_run(self, request: ActionRequest, answer: Answer, *, is_armed: bool) -> None:
        """Begin a procedure; `answer` is called once its run needs a person, or is over."""
        self._drive(lambda one: one.begin(request, answer, is_armed=is_armed), answer)

    def move_run(self, run_id: str, move: Move, answer: Answer, *, is_armed: bool) -> None:
        """Do what a person wants of a run, and go on; `answer` likewise."""
        self._drive(lambda one: one.move(run_id, move, answer, is_armed=is_armed), answer)

    def let_run_go(self, run_id: str) -> None:
        """Stop moving a run on from here."""

        async def work() -> None:
            if self._driver is not None:
                self._driver.let_go(run_id)

        self._do(work())

    def _drive(
        self, order: Callable[[RunDriver], Coroutine[Any, Any, None]], answer: Answer
    ) -> None:
        async def work() -> None:
            try:
                await self._made()
            except ConsoleError as error:
                answer(RunAnswer(problem=clean(str(error))))
                return
            if self._driver is not None:
                await order(self._driver)
                self._hurry()

        self._do(work())

    def recover(self, action_id: str, told: Told) -> None:
        """Finish what a dead executor left."""
        self._order(lambda desk: desk.recover(action_id), told)

    def resolve(self, action_id: str, note: str, told: Told) -> None:
        """Say that a person has dealt with an action."""
        self._order(lambda desk: desk.resolve(action_id, note), told)

    def record_arming(self, told: Told, *, is_armed: bool) -> None:
        """Write into the audit log that changes were switched on or off."""
        self._order(lambda desk: desk.record_arming(is_armed=is_armed), told)

    def record_refusal(self, what: str, reason: str, told: Told, action_id: str = "") -> None:
        """Write into the audit log that the console has refused something by itself."""
        self._order(lambda desk: desk.record_refusal(what, reason, action_id), told)
