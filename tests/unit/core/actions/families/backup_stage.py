"""A stage for backups: a system in a folder, real files, the real engine, a kill at any place."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from core.actions.action import Action, Site
from core.actions.executor import Executor
from core.actions.folder import ActionFolder, Confirmation, FolderWork
from core.actions.journal import Journal, read_journal
from core.actions.locks import TargetLocks
from core.actions.plan_codec import code_of, phrase_of, plan_hash
from core.actions.planning import Planner
from core.actions.ports import Ports
from core.actions.replay import replay
from core.actions.run import Run
from core.clients.acting.backups import BackupControl, LocalBackups
from core.clients.acting.commands import ActingRunner, LocalActing
from core.clients.acting.files import LocalFiles
from core.clients.clock import SystemClock
from core.model.action import ActionRequest, Plan, Rung
from core.model.action_state import ActionState, ProcessRun
from core.model.check import CheckResult
from core.model.operation import OperationsSpec
from core.model.topology import Environment, ServiceSpec, SystemSpec, Topology
from tests.fakes.acting_processes import FakeProcesses
from tests.unit.core.actions.stage import Killed, Places, Records


def _as_it_is(inner: Any) -> Any:
    return inner


class KillingBackups:
    """Real backups behind a counter: killed before or after any call."""

    def __init__(self, inner: BackupControl, places: Places) -> None:
        self._inner = inner
        self._places = places

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._inner, name)
        if name == "host" or name in _LOOKS:
            return real

        async def call(*args: Any, **named: Any) -> Any:
            self._places(f"before {name}")
            result = await real(*args, **named)
            self._places(f"after {name}")
            return result

        return call


_LOOKS = frozenset(
    {
        "place",
        "find",
        "measure",
        "hashes",
        "digest",
        "entries",
        "check_json",
        "rdb_facts",
        "check_rdb",
    }
)


class BackupStage:
    """One system `shop`, its root in a folder, with what may be done to it."""

    def __init__(
        self,
        folder: Path,
        operations: OperationsSpec,
        services: tuple[ServiceSpec, ...] = (),
        commands: ActingRunner | None = None,
        clock: SystemClock | None = None,
        **ports: Any,
    ) -> None:
        self.folder = folder
        self.root = folder / "shop"
        self.root.mkdir(exist_ok=True)
        self.records = Records()
        self.clock = clock or SystemClock()
        self._backups = LocalBackups(self.clock)
        self.diary: Callable[[Any], Any] = _as_it_is
        self._ports = ports
        self._commands = commands or LocalActing(self.clock)
        system = SystemSpec("shop", "Shop", "", services, str(self.root))
        topology = Topology(Environment.DEVELOPMENT, False, (system,))
        self.site = Site(topology, {"shop": operations}, self.ports())
        self._count = 0

    def ports(self, places: Places | None = None) -> Ports:
        """Return ports; with places each call that changes something may be the last."""
        inner: Any = self.diary(self._backups)
        backups: Any = inner if places is None else KillingBackups(inner, places)
        absent = ("units", "engine", "git")
        # A recovery asks whether anything is left that a dead executor has started.
        there: dict[str, object] = {"look": _no_look, "processes": FakeProcesses()}
        given = dict.fromkeys(absent) | there | self._ports
        return Ports(
            clock=self.clock,
            files=LocalFiles(self.clock),
            commands=self._commands,
            backups=cast("BackupControl", backups),
            **cast("Any", given),
        )

    def plan(self, action: Action, target: str, **inputs: str) -> Plan:
        """Plan it, keep the plan and say yes to it."""
        request = ActionRequest(action.id, target, tuple(inputs.items()))
        planner = Planner(self.site, "here", "someone", "boot", "/etc/quarterdeck.yaml")
        plan = asyncio.run(planner.plan(action, request))
        self._count += 1
        self.action = ActionFolder.make(self.folder / f"actions-{self._count}", plan)
        said = phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan)
        self.action.confirm(Confirmation(plan_hash(plan), said, "someone", 0.0, True))
        return plan

    def execute(self, places: Places | None = None) -> ActionState:
        """Carry it out in one go; killed, it is left as it is."""
        with suppress(Killed):
            self._in_a_process(places, "execute")
        return self.state

    def recover(self, places: Places | None = None) -> ActionState:
        """Finish what was left."""
        with suppress(Killed):
            self._in_a_process(places, "recover")
        return self.state

    def do(self, action: Action, target: str, **inputs: str) -> ActionState:
        """Plan it and carry it out."""
        self.plan(action, target, **inputs)
        return self.execute()

    @property
    def state(self) -> ActionState:
        """Where it stands."""
        return replay(self.action.plan(), read_journal(self.action.path), is_confirmed=True)

    def _in_a_process(self, places: Places | None, what: str) -> None:
        plan = self.action.plan()
        fail = places or Places()
        run = Run(
            plan,
            self.ports(places),
            Journal(self.action.path, self.clock),
            self.records,
            FolderWork(self.action),
            cast("Any", fail),
        )
        executor = Executor(
            self.action,
            run,
            TargetLocks(self.folder / "locks"),
            lambda _plan, _confirmation: "",
            _no_capsule,
            {"actor": "someone", "title": plan.title, "action": plan.id, "since": "now"},
            ProcessRun(1, 1, "boot"),
        )
        try:
            asyncio.run(getattr(executor, what)())
        finally:
            executor.locks.close()
            run.journal.close()


async def _no_look(check: str) -> CheckResult:
    raise AssertionError(f"nobody foresaw a look at {check}")


async def _no_capsule() -> bytes:
    return b"{}"
