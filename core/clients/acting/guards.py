"""Starts guardians: processes that put something right when whoever should have done so is gone."""

import sys
from pathlib import Path
from typing import Protocol

from core.clients.acting.launch import launch
from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.clients.process_runs import own_run

_DEADLINE_S = 20.0
_MODULE = "core.actions.guardian"
_PASSED = ("DBUS_SYSTEM_BUS_ADDRESS",)
"""It has to talk to the same systemd as this process."""


class GuardControl(Protocol):
    """What steps need of guardians."""

    async def start(self, order: str, log: str, name: str) -> None:
        """Start a guardian that outlives us and watches this process.

        Args:
            order: File that says what to do; absolute.
            log: What the guardian says is appended there.
            name: Of its unit, where it is one.

        Raises:
            ClientError: it could not be started.
        """
        ...


class LocalGuards:
    """Starts them on this machine, in sessions or units of their own."""

    def __init__(self, clock: Clock) -> None:
        """Start nothing yet."""
        self._worker = BlockingWorker("guards", clock)

    async def start(self, order: str, log: str, name: str) -> None:
        """Start a guardian that outlives us and watches this process."""
        us = own_run()
        argv = (sys.executable, "-P", "-m", _MODULE, order, str(us.pid), str(us.start_ticks))
        await self._worker.run(lambda: launch(argv, Path(log), name, _PASSED), _DEADLINE_S)

    def close(self) -> None:
        """Let the thread end."""
        self._worker.close()
