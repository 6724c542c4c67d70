"""The desk in a thread of its own: plans, confirmations and folders never hold up the screen."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any

from core.actions.capsules import read_capsules
from core.actions.desk import ActionDesk
from core.actions.desk_editing import hand_over, open_text
from core.actions.desk_pages import PageReader
from core.actions.folder import ActionFolder
from core.actions.plan_codec import code_of, phrase_of
from core.actions.recovery import find
from core.actions.refusals import FoldedRefusals
from core.errors import ActionError, ConsoleError
from core.model.action import ActionRequest, Plan
from core.model.action_pages import Page
from core.model.action_state import ActionState
from core.model.action_view import (
    ActionsPicture,
    AuditState,
    EditAnswer,
    LookedAt,
    OddFolder,
    PlanAnswer,
)
from core.model.state import StateFolders
from core.model.text import EMPTY, SafeText, clean, clean_lines

_BUSY_S = 0.2
"""How often folders are read while something runs or somebody looks."""
_IDLE_S = 2.0
_MAX_OUTPUT_BYTES = 64 * 1024
_STARTING_S = 20.0

Told = Callable[[SafeText], None]
"""Is told, in the desk's thread, what came of an order; empty: it was done."""


class ActionDeskThread:
    """Reads actions, and plans and starts them when told to.

    Args:
        make_desk: Called in the thread; may raise ConsoleError.
        tell: Called, in the thread, whenever `picture` is another.
        folders: Where the audit log and procedures are.
    """

    def __init__(
        self,
        make_desk: Callable[[], ActionDesk],
        tell: Callable[[], None],
        folders: StateFolders,
    ) -> None:
        self._make_desk = make_desk
        self._tell = tell
        self._folders = folders
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._work, name="qd-actions", daemon=True)
        self._desk: ActionDesk | None = None
        self._look_at = ""
        self._page = Page.ACTIONS
        self._busy_until_s = 0.0
        self._is_stopping = False
        self._wake = asyncio.Event()
        self._wake_reader = asyncio.Event()
        self._is_made = asyncio.Event()
        self._orders: set[Future[None]] = set()
        """Whoever leaves has these carried out first."""
        self.picture = ActionsPicture()

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()
        self._is_ready.wait()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop looking; what runs goes on elsewhere. Tell whether it stopped in time."""
        self._is_stopping = True
        self._hurry()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def look_at(self, action_id: str) -> None:
        """Read this action's output too; empty: none."""
        self._look_at = action_id
        self._hurry()

    def turn_to(self, page: Page) -> None:
        """Read this page too, as long as somebody looks at it."""
        self._page = page
        self._hurry()

    def plan(self, request: ActionRequest, reply: Callable[[PlanAnswer], None]) -> None:
        """Plan; `reply` is called in the desk's thread."""

        async def work() -> None:
            try:
                desk = await self._made()
                plan = await desk.plan(request)
                waits_for = await asyncio.to_thread(_waits_for, desk, plan)
            except ConsoleError as error:
                reply(PlanAnswer(None, problem=clean(str(error))))
            else:
                reply(PlanAnswer(plan, code_of(plan), phrase_of(plan), waits_for))

        self._do(work())

    def look_after(self, plan: Plan, told: Told) -> None:
        """Look whether somebody else still has to do something before a plan may start."""

        async def work() -> None:
            try:
                waits_for = await asyncio.to_thread(_waits_for, await self._made(), plan)
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

    def confirm(self, plan: Plan, said: str, told: Told, *, is_armed: bool) -> None:
        """Say yes to a plan and start it."""
        self._order(lambda desk: desk.confirm(plan, said, is_armed=is_armed), told)

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

    def _order(self, order: Callable[[ActionDesk], None], told: Told) -> None:
        async def work() -> None:
            try:
                await asyncio.to_thread(order, await self._made())
            except ConsoleError as error:
                told(clean(str(error)))
            else:
                told(EMPTY)

        ordered = self._do(work())
        if ordered is not None:
            self._orders.add(ordered)
            ordered.add_done_callback(self._orders.discard)

    async def _made(self) -> ActionDesk:
        """Return the desk once it is made: orders that came before are carried out then.

        Raises:
            ConsoleError: it cannot be made.
        """
        await self._is_made.wait()
        if self._desk is None:
            raise ConsoleError(self.picture.problem)
        return self._desk

    def _do(self, work: Coroutine[Any, Any, None]) -> Future[None] | None:
        loop = self._loop
        if loop is None or loop.is_closed():
            work.close()
            return None
        doing = asyncio.run_coroutine_threadsafe(work, loop)
        self._hurry()
        return doing

    def _hurry(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._now, loop)

    def _now(self, loop: asyncio.AbstractEventLoop) -> None:
        self._busy_until_s = loop.time() + _STARTING_S
        self._wake.set()
        self._wake_reader.set()

    def _work(self) -> None:
        try:
            asyncio.run(self._carry_on())
        finally:
            self._is_ready.set()

    async def _carry_on(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._wake, self._wake_reader = asyncio.Event(), asyncio.Event()
        self._is_made = asyncio.Event()
        self._is_ready.set()
        try:
            desk = await asyncio.to_thread(self._make_desk)
            offers = desk.offers()
        except ConsoleError as error:
            self._show(ActionsPicture(is_read=True, problem=clean(str(error))))
            await self._turn_away()
            return
        refusals = FoldedRefusals(desk.audit, desk.planner.site.ports.clock)
        self._desk = desk = replace(desk, audit=refusals)
        self._show(replace(self.picture, offers=offers))
        self._is_made.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(desk, refusals))
            group.create_task(self._follow_page(desk))
        await asyncio.gather(*map(asyncio.wrap_future, tuple(self._orders)))
        with suppress(ActionError):
            refusals.settle(is_all=True)

    async def _turn_away(self) -> None:
        """Answer what was ordered, and what will be, with why nothing can be done."""
        self._is_made.set()
        while not self._is_stopping:
            await _woken(self._wake, _IDLE_S)

    async def _follow(self, desk: ActionDesk, refusals: FoldedRefusals) -> None:
        """Read what runs and what ran, often while something happens."""
        loop = asyncio.get_running_loop()
        while not self._is_stopping:
            read = await asyncio.to_thread(self._read, desk)
            self._show(replace(read, pages=self.picture.pages))
            is_busy = self.picture.running or loop.time() < self._busy_until_s
            await _woken(self._wake, _BUSY_S if is_busy else _IDLE_S)
            with suppress(ActionError):  # a count that the log does not take is tried again
                await asyncio.to_thread(refusals.settle)

    async def _follow_page(self, desk: ActionDesk) -> None:
        """Read the page that somebody looks at; a long log never holds up what runs."""
        reader = PageReader(desk, self._folders)
        while not self._is_stopping:
            page, pages = self._page, self.picture.pages
            ended = sum(one.is_ended for one in self.picture.states)
            pages = await reader.read(page, pages, ended)
            self._show(replace(self.picture, pages=pages))
            if page is Page.AUDIT:
                pages = await reader.verified(pages)
                self._show(replace(self.picture, pages=pages))
            await _woken(self._wake_reader, _IDLE_S)

    def _show(self, picture: ActionsPicture) -> None:
        if picture != self.picture:
            self.picture = picture
            self._tell()

    def _read(self, desk: ActionDesk) -> ActionsPicture:
        try:
            states, odd = desk.shelf.begun()
            looked_at = self._looked_at(desk, states)
        except ConsoleError as error:
            return replace(self.picture, is_read=True, problem=clean(str(error)))
        return replace(
            self.picture,
            is_read=True,
            states=states,
            odd=tuple(OddFolder(clean(one.action_id), one.problem) for one in odd),
            looked_at=looked_at,
            audit=AuditState(desk.audit_problem(), clean(desk.audit_tail())),
            problem=EMPTY,
        )

    def _looked_at(self, desk: ActionDesk, states: tuple[ActionState, ...]) -> LookedAt | None:
        state = next((one for one in states if one.plan.id == self._look_at), None)
        if state is None:
            return None
        folder = desk.shelf.at(state.plan.id)
        is_compared, differences = read_capsules(folder)
        finding = find(state) if state.is_blocking else None
        return LookedAt(
            state.plan.id,
            _tail(folder),
            differences,
            is_compared,
            finding.found if finding else EMPTY,
            finding.will if finding else EMPTY,
        )


async def _woken(wake: asyncio.Event, within_s: float) -> None:
    """Wait until somebody wakes us, or so long."""
    try:
        async with asyncio.timeout(within_s):
            await wake.wait()
    except TimeoutError:
        return
    wake.clear()


def _waits_for(desk: ActionDesk, plan: Plan) -> SafeText:
    """Return what would keep a plan from starting though changes are switched on."""
    return EMPTY if plan.is_stopped else clean(desk.gates.against_start(plan, True))


def _tail(folder: ActionFolder) -> tuple[SafeText, ...]:
    """Return the last lines of an action's output."""
    try:
        with folder.output.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _MAX_OUTPUT_BYTES))
            data = file.read(_MAX_OUTPUT_BYTES)
    except OSError:
        return ()
    lines = data.split(b"\n")[1 if size > _MAX_OUTPUT_BYTES else 0 : -1]
    return clean_lines(b"\n".join(lines)) if lines else ()
