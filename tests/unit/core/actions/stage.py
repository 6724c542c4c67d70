"""A stage for the engine: one action on two real files, with a kill at any place of its code."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from core.actions.action import Site
from core.actions.audit.record import Event
from core.actions.executor import Executor
from core.actions.folder import ActionFolder, Confirmation, FolderWork
from core.actions.journal import Journal, read_journal
from core.actions.locks import TargetLocks
from core.actions.plan_codec import code_of, phrase_of, plan_hash
from core.actions.planning import Planner
from core.actions.ports import Ports
from core.actions.replay import replay
from core.actions.run import Run
from core.errors import ActionError
from core.model.action import ActionRequest, Plan, Rung
from core.model.action_state import ActionState, ProcessRun
from core.model.topology import Environment, Topology
from tests.fakes import acting_parts
from tests.fakes.acting_processes import FakeProcesses
from tests.fakes.clock import FakeClock

ENDS = frozenset({Event.COMMITTED, Event.ROLLED_BACK, Event.ABORTED, Event.NEEDS_HUMAN})


class Killed(BaseException):
    """Stands for kill -9: nothing between here and the test may act on it."""


class Places:
    """Counts the places that are passed, and kills at one of them."""

    is_armed = True

    def __init__(self, kill_at: int = -1) -> None:
        self.passed: list[str] = []
        self._kill_at = kill_at

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) - 1 == self._kill_at:
            raise Killed(name)


class Records:
    """An audit log in memory that may refuse."""

    def __init__(self) -> None:
        self.rows: list[tuple[Event, dict[str, Any]]] = []
        self.fails_from: int | None = None
        self.takes_ends = True

    def append(self, ev: Event, **fields: Any) -> object:
        is_full = self.fails_from is not None and len(self.rows) >= self.fails_from
        if is_full and not (fields.get("is_ending") and self.takes_ends):
            raise ActionError("the audit log takes nothing")
        self.rows.append((ev, fields))
        return None

    def close(self) -> None:
        """There is nothing to let go of."""

    @property
    def ends(self) -> set[Event]:
        """Kinds of terminal records; repeated ones are folded by the action's id."""
        return {event for event, _ in self.rows if event in ENDS}


class Stage:
    """One action, planned on two files that hold `old`."""

    def __init__(self, folder: Path, **inputs: str) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.records = Records()
        self.reason = ""
        files = folder / "files"
        files.mkdir()
        for name in ("one", "two"):
            (files / name).write_text("old", "utf-8")
        self.files = files
        self.ports = cast(Ports, _Clocked(self.clock))
        site = Site(Topology(Environment.DEVELOPMENT, False, ()), {}, self.ports)
        self.planner = Planner(site, "here", "someone", "boot", "/etc/quarterdeck.yaml")
        given = {"folder": str(files), **inputs}
        self.request = ActionRequest("test.swap", "shop/files", tuple(given.items()))

    def plan(self) -> Plan:
        """Plan it and keep the plan."""
        plan = asyncio.run(self.planner.plan(acting_parts.SWAP, self.request))
        self.keep(plan)
        return plan

    def keep(self, plan: Plan) -> None:
        """Have this plan on the stage from now on."""
        self.action = ActionFolder.make(self.folder / "actions", plan)

    def confirm(self, plan: Plan) -> None:
        """Say yes to it."""
        said = phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan)
        self.action.confirm(Confirmation(plan_hash(plan), said, "someone", 0.0, True))

    def executor(self, places: Places) -> Executor:
        """Return a process's worth of executor."""
        plan = self.action.plan()
        run = Run(
            plan,
            self.ports,
            Journal(self.action.path, self.clock),
            self.records,
            FolderWork(self.action),
            cast(Any, places),
        )
        return Executor(
            self.action,
            run,
            TargetLocks(self.folder / "locks"),
            lambda _plan, _confirmation: self.reason,
            _no_capsule,
            {"actor": "someone", "title": plan.title, "action": plan.id, "since": "now"},
            ProcessRun(1, 1, "boot"),
        )

    def execute(self, places: Places | None = None) -> ActionState:
        """Carry it out in one go."""
        with _process(self.executor(places or Places())) as executor:
            asyncio.run(executor.execute())
        return self.state

    def recover(self, places: Places | None = None) -> ActionState:
        """Finish what was left."""
        with _process(self.executor(places or Places())) as executor:
            asyncio.run(executor.recover())
        return self.state

    @property
    def state(self) -> ActionState:
        """Where it stands."""
        return replay(self.action.plan(), read_journal(self.action.path), is_confirmed=True)

    @property
    def contents(self) -> tuple[str, str]:
        """What the two files hold."""
        return (self.files / "one").read_text("utf-8"), (self.files / "two").read_text("utf-8")


class _Clocked:
    """Ports of which the parts of the stage need the clock alone, and a recovery the processes."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.processes = FakeProcesses()


async def _no_capsule() -> bytes:
    return b"{}"


@contextmanager
def _process(executor: Executor) -> Generator[Executor]:
    """Run an executor as a process would: what the kernel frees when it dies is freed."""
    half = acting_parts.FAIL
    acting_parts.FAIL = executor.run.fail
    try:
        yield executor
    finally:
        acting_parts.FAIL = half
        executor.locks.close()
        executor.run.journal.close()
