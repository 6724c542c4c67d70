"""Has something wait for the end of a grace: a timer of systemd's, or a process of its own."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Protocol

from core.clients.acting.launch import can_time, cancel, launch, launch_at
from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.clients.key_state import replace_private
from core.clients.process_runs import read_boot_id
from core.clients.waits import Wait, Waits
from core.errors import ClientRefused
from core.model.text import SafeText

_CALL_S, _SIGNED_WITHIN_S, _LOOK_S = 30.0, 20.0, 0.05
_SOON_S = 5.0
"""A timer that is made for so short a time may be made too late."""
BY_TIMER = SafeText("a transient timer of systemd ends it then, whether a console runs or not")
BY_PROCESS = SafeText("a process of its own waits and ends it then, also without a console")
AFTER_BOOT = SafeText(
    "where the machine is started anew before, nothing ends it by itself: the Keys screen, `keys`"
    " and `check` then say that it is overdue, and key.end ends it"
)


class WaiterControl(Protocol):
    """What steps need so that something happens later."""

    async def how(self) -> SafeText:
        """Return what would wait."""
        ...

    async def arrange(self, wait: Wait) -> Wait:
        """Have it waited for; return it as it is kept.

        Raises:
            ClientError: nothing waits.
        """
        ...

    async def find(self, order: str) -> Wait | None:
        """Return a wait; None: there is none."""
        ...

    async def drop(self, order: str) -> None:
        """Have nobody wait any more; what waits ends when it sees that."""
        ...


class LocalWaiters:
    """Waits on this machine.

    Args:
        folder: Of the console's state about keys.
        argv_of: The program that ends the grace of an order, told where the variables lie that
            the configuration may refer to.
        clock: For the moments in between.
        passed: Names of further variables that the program may see.
    """

    def __init__(
        self,
        folder: Path,
        argv_of: Callable[[str, str], tuple[str, ...]],
        clock: Clock,
        passed: tuple[str, ...] = (),
    ) -> None:
        self._waits, self._argv_of, self._clock = Waits(folder), argv_of, clock
        self._passed = passed
        self._worker = BlockingWorker("waits", clock)

    async def how(self) -> SafeText:
        """Return what would wait."""
        return BY_TIMER if can_time() else BY_PROCESS

    async def arrange(self, wait: Wait) -> Wait:
        """Have it waited for."""
        kept = await self._worker.run(lambda: self._start(wait), _CALL_S)
        until = self._clock.monotonic() + _SIGNED_WITHIN_S
        while not kept.is_waited_for():
            if self._clock.monotonic() > until:
                raise ClientRefused("what was to wait did not begin; its output is beside its file")
            await self._clock.sleep(_LOOK_S)
            kept = await self.find(wait.order) or kept
        return kept

    async def find(self, order: str) -> Wait | None:
        """Return a wait."""
        return await self._worker.run(lambda: self._waits.read(order), _CALL_S)

    async def drop(self, order: str) -> None:
        """Have nobody wait any more."""
        await self._worker.run(lambda: self._drop(order), _CALL_S)

    def _drop(self, order: str) -> None:
        wait = self._waits.read(order)
        # Its file first: what fires meanwhile ends, whether its timer can be stopped or not.
        self._waits.drop(order)
        if wait is not None and wait.unit and not wait.pid:
            with suppress(ClientRefused):
                cancel(wait.unit)

    def _start(self, wait: Wait) -> Wait:
        left_s = wait.moment.timestamp() - self._clock.now().timestamp()
        is_timed = can_time() and left_s > _SOON_S
        name = f"end-{wait.order}"
        unit = f"quarterdeck-{name}" if is_timed else ""
        kept = replace(wait, unit=unit, pid=0, ticks=0, boot_id=read_boot_id(), said="")
        self._waits.write(kept)
        environment = self._waits.path(wait.order, ".env")
        replace_private(environment, json.dumps(dict(os.environ)).encode("utf-8", "surrogatepass"))
        argv, log = (
            self._argv_of(wait.order, str(environment)),
            self._waits.path(wait.order, ".log"),
        )
        if is_timed:
            launch_at(argv, log, name, wait.moment.astimezone(UTC), self._passed)
        else:
            launch(argv, log, name, self._passed)
        return kept
