"""The thread of the desk: makes it, reads what there is to show, and carries orders out."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.actions.desk import ActionDesk
from core.actions.desk_entering import FOLDER, forget_entered
from core.actions.desk_looking import read_actions
from core.actions.desk_pages import PageReader
from core.actions.desk_procedures import RunDriver
from core.actions.procedure.store import RunStore
from core.actions.refusals import FoldedRefusals
from core.errors import ActionError, ConsoleError
from core.model.action import Plan
from core.model.action_pages import Page
from core.model.action_view import ActionsPicture
from core.model.state import StateFolders
from core.model.text import EMPTY, SafeText, clean

_BUSY_S = 0.2
"""How often folders are read while something runs or somebody looks."""
_IDLE_S = 2.0
_STARTING_S = 20.0
_WITH_OFFERS = frozenset({Page.POSSIBLE, Page.PROCEDURES})
"""Pages that tell what can be done, or what it asks for."""

Told = Callable[[SafeText], None]
"""Is told, in the desk's thread, what came of an order; empty: it was done."""


class DeskLoop:
    """Reads actions, and carries out what is ordered of the desk.

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
        self._driver: RunDriver | None = None
        self._busy_until_s = 0.0
        self._is_stopping = False
        self._wake = asyncio.Event()
        self._wake_reader = asyncio.Event()
        self._is_made = asyncio.Event()
        self._looking_up = asyncio.Lock()
        """Whoever wants to know what can be done meanwhile waits for the same answer."""
        self._orders: set[Future[None]] = set()
        """Whoever leaves has these carried out first."""
        self._entered: set[Path] = set()
        """Files of secrets whose plans nobody has said yes to so far."""
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
        except ConsoleError as error:
            self._show(ActionsPicture(is_read=True, offers=(), problem=clean(str(error))))
            await self._turn_away()
            return
        refusals = FoldedRefusals(desk.audit, desk.planner.site.ports.clock)
        self._desk = desk = replace(desk, audit=refusals)
        self._driver = driver = RunDriver(desk, RunStore(self._folders.procedures), still_needed)
        self._is_made.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(desk, refusals))
            group.create_task(self._follow_page(desk, driver))
        await asyncio.gather(*map(asyncio.wrap_future, tuple(self._orders)))
        now_s = desk.planner.site.ports.clock.now().timestamp()
        forget_entered(self._entered_folder, self.picture.states, now_s, self._entered)
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
            now = self.picture
            self._show(replace(read, offers=now.offers, pages=now.pages))
            is_busy = self.picture.running or self._is_busy(loop)
            await _woken(self._wake, _BUSY_S if is_busy else _IDLE_S)
            with suppress(ActionError):  # a count that the log does not take is tried again
                await asyncio.to_thread(refusals.settle)

    async def _look_up(self, desk: ActionDesk) -> None:
        """Have the picture say what can be done; that loads every family, so only once asked."""
        async with self._looking_up:
            if self.picture.offers is not None:
                return
            try:
                offers, problem = await asyncio.to_thread(desk.offers), EMPTY
            except ConsoleError as error:
                offers, problem = (), clean(str(error))
            pages = self.picture.pages
            pages = replace(pages, problem=problem) if problem else pages
            self._show(replace(self.picture, offers=offers, pages=pages))

    async def _follow_page(self, desk: ActionDesk, driver: RunDriver) -> None:
        """Read the page that somebody looks at; a long log never holds up what runs."""
        loop = asyncio.get_running_loop()
        reader = PageReader(
            desk, self._folders, lambda: self.picture.offers or (), lambda: driver.moving
        )
        while not self._is_stopping:
            page = self._page
            if page in _WITH_OFFERS:
                await self._look_up(desk)
            pages = self.picture.pages
            ended = sum(one.is_ended for one in self.picture.states)
            pages = await reader.read(page, pages, ended)
            self._show(replace(self.picture, pages=pages))
            if page is Page.AUDIT:
                pages = await reader.verified(pages)
                self._show(replace(self.picture, pages=pages))
            is_moving = any(one.holder for one in pages.procedures or ())
            is_busy = page is Page.PROCEDURES and (is_moving or self._is_busy(loop))
            await _woken(self._wake_reader, _BUSY_S if is_busy else _IDLE_S)

    def _is_busy(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Tell whether something was ordered just now, or is under way."""
        is_moving = self._driver is not None and bool(self._driver.moving)
        return is_moving or loop.time() < self._busy_until_s

    def _show(self, picture: ActionsPicture) -> None:
        if picture != self.picture:
            self.picture = picture
            self._tell()

    @property
    def _entered_folder(self) -> Path:
        return self._folders.actions.parent / FOLDER

    def _read(self, desk: ActionDesk) -> ActionsPicture:
        read = read_actions(desk, self.picture, self._look_at)
        now_s = desk.planner.site.ports.clock.now().timestamp()
        forget_entered(self._entered_folder, read.states, now_s)
        return read


async def _woken(wake: asyncio.Event, within_s: float) -> None:
    """Wait until somebody wakes us, or so long."""
    try:
        async with asyncio.timeout(within_s):
            await wake.wait()
    except TimeoutError:
        return
    wake.clear()


def still_needed(desk: ActionDesk, plan: Plan) -> SafeText:
    """Return what would keep a plan from starting though changes are switched on."""
    return EMPTY if plan.is_stopped else clean(desk.gates.against_start(plan, True))
