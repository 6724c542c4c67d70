"""The engine with a release action on a real repository: real git, real files, units in memory."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from core.actions.action import Action, Site
from core.actions.families import releases
from core.actions.planning import Planner
from core.actions.ports import Ports
from core.clients.acting.commands import LocalActing
from core.clients.acting.files import LocalFiles
from core.clients.acting.git_local import LocalGit
from core.model.action import ActionRequest, Plan
from core.model.check import CheckResult
from core.model.operation import EnvFileSpec, OperationsSpec, RepoSpec
from core.model.topology import Environment, SystemdUnit, Topology
from tests.fakes.acting_units import FakeUnits, unit_facts
from tests.fakes.clock import FakeClock
from tests.fakes.world import service, system
from tests.unit.core.actions.stage import Records, Stage

ACTIONS = {one.id: one for one in releases.ACTIONS}
UNIT = "shop-api.service"


class QuickClock(FakeClock):
    """Time passes as soon as somebody waits for it."""

    async def sleep(self, seconds: float) -> None:
        self._elapsed_s += seconds
        await asyncio.sleep(0)


class ReleaseStage(Stage):
    """One release action of the repository `shop/app`, whose path may be a link."""

    def __init__(self, folder: Path, path: Path, **repo: str) -> None:
        self.folder = folder
        self.clock = QuickClock()
        self.records = Records()
        self.reason = ""
        self.units = FakeUnits()
        self.units.put(unit_facts(UNIT))
        self.files = folder
        commands = LocalActing(self.clock)
        self.ports = Ports(
            clock=self.clock,
            files=LocalFiles(self.clock),
            commands=commands,
            units=self.units,
            engine=cast(Any, None),
            processes=cast(Any, _NoProcesses()),
            look=_no_look,
            git=LocalGit(commands),
        )
        api = service("api", runs_as=SystemdUnit(UNIT))
        topology = Topology(Environment.DEVELOPMENT, False, (system("shop", _bare(api)),))
        spec = RepoSpec("app", str(path), **repo)  # pyright: ignore[reportArgumentType]
        env = EnvFileSpec("env", str(path / ".env"))
        operations = {"shop": OperationsSpec("shop", repos=(spec,), env_files=(env,))}
        self.site = Site(topology, operations, self.ports)
        self.planner = Planner(self.site, "here", "someone", "boot", "/etc/quarterdeck.yaml")

    def planned(self, action: str, **inputs: str) -> Plan:
        """Plan an action, keep the plan and say yes to it."""
        one: Action = ACTIONS[action]
        request = ActionRequest(action, "shop/app", tuple(inputs.items()))
        plan = asyncio.run(self.planner.plan(one, request))
        self.keep(plan)
        self.confirm(plan)
        return plan


class _NoProcesses:
    async def of_action(self, action_id: str) -> tuple[object, ...]:
        return ()

    async def listening(self, ports: tuple[int, ...]) -> dict[int, object]:
        return {}


async def _no_look(check: str) -> CheckResult:
    raise AssertionError(check)


def _bare(one: Any) -> Any:
    """Return a service without checks: what is proven here is the release."""
    return replace(one, checks=())
