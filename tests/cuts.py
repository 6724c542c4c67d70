"""Connections that are cut amid an action: a console and `run` over a real sshd, then a kill.

Used by `tests/real/test_action_ssh.py` and, for many rounds, by `python -m bench.cuts`.
"""

import asyncio
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import psutil

from core.actions.plan_codec import code_of
from core.model.action import ActionRequest, Phase, Plan
from core.model.action_state import ActionState
from tests.crash_scenarios import SCENARIOS
from tests.crashes import World

QUARTERDECK = Path(sys.executable).with_name("quarterdeck")
_SCENARIO = next(one for one in SCENARIOS if one.name == "env.set")
_REQUEST = ActionRequest("env.set", "shop/env", (("LOG_LEVEL", "DEBUG"),))
_LASTS_S = 2.5
_WITHIN_S = 60.0


@dataclass(slots=True)
class Cut:
    """What came of one connection."""

    how: str
    after_s: float
    gone_s: float
    """Until the console was gone."""
    state: ActionState
    said: str
    """What `quarterdeck attach` prints afterwards."""
    now: object
    leftover: int
    """Processes of the session that have outlived it by more than a second."""

    @property
    def wrong(self) -> list[str]:
        """What is not as it has to be."""
        found: list[str] = []
        if self.state.phase is not Phase.COMMITTED or not self.state.is_audited:
            found.append(f"it is {self.state.phase}: {self.state.text}")
        if self.gone_s > 1.0:
            found.append(f"the console was gone after {self.gone_s:.2f} s")
        if self.leftover:
            found.append(f"{self.leftover} processes of the session are left")
        if "verified" not in self.said:
            found.append(f"attach says {self.said!r}")
        return [f"{self.how} after {self.after_s:.2f} s: {one}" for one in found]


@dataclass(slots=True)
class Cuts:
    """The sum of many."""

    rounds: int = 0
    slowest_s: float = 0.0
    wrong: list[str] = field(default_factory=list[str])

    def add(self, cut: Cut) -> None:
        """Count one."""
        self.rounds += 1
        self.slowest_s = max(self.slowest_s, cut.gone_s)
        self.wrong += cut.wrong


def cut_off(how: str, chance: random.Random) -> Cut:
    """Open a console over ssh, start an action beside it, cut the connection at some moment.

    Args:
        how: `client`: its ssh is killed; `server`: the session's sshd is.
        chance: Says when.
    """
    world = World(_SCENARIO)
    try:
        plan = asyncio.run(world.desk.plan(_REQUEST))
        ssh = _session(world, plan)
        try:
            return _cut(world, plan, ssh, how, chance.uniform(0, _LASTS_S))
        finally:
            ssh.close(force=True)
    finally:
        world.close()


def _session(world: World, plan: Plan) -> "pexpect.spawn[bytes]":
    """Return a connection with a console in front, and behind it what waits to start the action."""
    config, go = shlex.quote(f"{world.folder}/quarterdeck.yaml"), f"{world.folder}/go"
    run = f"{QUARTERDECK} run env.set shop/env --set LOG_LEVEL=DEBUG --config {config}"
    remote = (
        f"export TERM=xterm-256color LANG=C.UTF-8; echo $$ > {world.folder}/console; "
        f"(while [ ! -e {go} ]; do sleep 0.05; done; exec {run} --confirm {code_of(plan)}) "
        f">{world.folder}/run.out 2>&1 & exec {QUARTERDECK} --config {config}"
    )
    argv = ["-tt", "-F", os.environ["QD_TEST_SSH_CONFIG"], "ops", remote]
    ssh: pexpect.spawn[bytes] = pexpect.spawn("ssh", argv, dimensions=(30, 100), timeout=40)
    ssh.expect(re.compile(rb"shop"))
    return ssh


def _cut(world: World, plan: Plan, ssh: "pexpect.spawn[bytes]", how: str, after_s: float) -> Cut:
    console = psutil.Process(int((world.folder / "console").read_text("ascii")))
    server = _server_of(console)
    (world.folder / "go").touch()
    _until(lambda: _state(world, plan).begun_s is not None)
    family = [console, *console.children(recursive=True)]
    _drained(ssh, after_s)
    if how == "client":
        ssh.kill(signal.SIGKILL)
    else:
        server.kill()
    cut_s = time.monotonic()
    _until(lambda: _is_over(console))
    gone_s = time.monotonic() - cut_s
    while time.monotonic() < cut_s + 1.0 and not all(map(_is_over, family)):
        time.sleep(0.02)
    executor = _state(world, plan).executor
    leftover = [
        one for one in family
        if not _is_over(one) and (executor is None or one.pid != executor.pid)
    ]  # fmt: skip
    _until(lambda: _state(world, plan).is_ended and not _state(world, plan).is_alive)
    said = subprocess.run(
        [str(QUARTERDECK), "attach", plan.id, "--config", str(world.folder / "quarterdeck.yaml")],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    state = _state(world, plan)
    return Cut(how, after_s, gone_s, state, said.stdout, world.now, len(leftover))


def _drained(ssh: "pexpect.spawn[bytes]", seconds: float) -> None:
    """Read what the console draws for so long, as a terminal does."""
    until_s = time.monotonic() + seconds
    while (left_s := until_s - time.monotonic()) > 0:
        try:
            ssh.read_nonblocking(65536, timeout=left_s)
        except pexpect.TIMEOUT:
            return


def _server_of(console: psutil.Process) -> psutil.Process:
    one = console.parent()
    while one is not None and "sshd" not in one.name():
        one = one.parent()
    if one is None:
        raise LookupError("the console has no sshd above it")
    return one


def _state(world: World, plan: Plan) -> ActionState:
    return world.desk.shelf.state(plan.id)


def _is_over(process: psutil.Process) -> bool:
    """Return whether it runs no more, collected or not."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _until(condition: Callable[[], object]) -> None:
    until_s = time.monotonic() + _WITHIN_S
    while not condition():
        if time.monotonic() > until_s:
            raise TimeoutError("it did not come to that")
        time.sleep(0.02)
