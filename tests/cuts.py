"""Connections that are cut amid an action: a console and `run` over a real sshd, then a kill.

Any scenario of `tests.crash_scenarios` can be the action. Used by `tests/real/test_action_ssh.py`
and, for many rounds of all of them, by `python -m bench.cuts`.
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
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import psutil

from cli import exits
from core.actions.plan_codec import code_of, phrase_of
from core.model.action import Plan, Proof, Rung
from core.model.action_state import ActionState
from tests.crashes import Scenario, World

QUARTERDECK = Path(sys.executable).with_name("quarterdeck")
_WITHIN_S = 180.0
_FOUND_BY = ("PATH", "DOCKER_HOST", "DOCKER_CONFIG", "DBUS_SYSTEM_BUS_ADDRESS")
_FIRST_S = 1.5
"""How long an action is taken to last before one has been seen to its end."""
_LEAST_S = 0.1


@dataclass(slots=True)
class Cut:
    """What came of one connection."""

    how: str
    after_s: float
    gone_s: float
    """Until the console was gone."""
    is_amid: bool
    """Whether the action ran then; else it had just ended."""
    state: ActionState
    attached: int
    """How `quarterdeck attach` exits, which the next one calls at once."""
    said: str
    """And what it prints."""
    now: object
    """What the world is afterwards."""
    planned: "Planned"
    leftover: int
    """Processes of the session that have outlived it for good."""

    @property
    def wrong(self) -> list[str]:
        """What is not as it has to be."""
        found: list[str] = []
        if self.state.phase is not self.planned.scenario.ends or not self.state.is_audited:
            found.append(f"it is {self.state.phase}: {self.state.text}")
        elif self.now != self.planned.after:
            found.append(f"the world is {self.now}")
        if self.leftover:
            found.append(f"{self.leftover} processes of the session are left")
        is_good = self.state.proof is Proof.VERIFIED
        if self.attached != (exits.OK if is_good else exits.TROUBLE) or not self.said:
            found.append(f"attach exits {self.attached} and says {self.said!r}")
        name = self.planned.scenario.name
        return [f"{name}: {self.how} after {self.after_s:.2f} s: {one}" for one in found]


@dataclass(slots=True)
class Planned:
    """A scenario, and what it comes to when nobody cuts anything."""

    scenario: Scenario
    after: object
    """What the world is."""
    lasts_s: float = _FIRST_S
    """As long as the last one lasted."""

    @classmethod
    def of(cls, scenario: Scenario) -> "Planned":
        """See it done undisturbed, by a clock that hurries."""
        world = World(scenario)
        try:
            world.in_process("execute")
            return cls(scenario, world.now)
        finally:
            world.close()


@dataclass(slots=True)
class Cuts:
    """The sum of many."""

    rounds: int = 0
    amid: int = 0
    """Cut while the action ran."""
    slowest_s: float = 0.0
    wrong: list[str] = field(default_factory=list[str])

    def add(self, cut: Cut) -> None:
        """Count one."""
        self.rounds += 1
        self.amid += cut.is_amid
        self.slowest_s = max(self.slowest_s, cut.gone_s)
        self.wrong += cut.wrong


def cut_off(planned: Planned, how: str, chance: random.Random) -> Cut:
    """Open a console over ssh, start an action beside it, cut the connection at some moment.

    Args:
        planned: What is done.
        how: `client`: its ssh is killed; `server`: the session's sshd is.
        chance: Says when.
    """
    world = World(planned.scenario)
    try:
        # What the world has confirmed already stays where it is; this one is the session's own.
        request = world.desk.shelf.at(world.action_id).plan().request
        plan = asyncio.run(world.desk.plan(request))
        ssh = _session(world, plan)
        try:
            return _cut(planned, world, plan, ssh, how, chance.uniform(0, planned.lasts_s))
        except TimeoutError as error:
            raise TimeoutError(f"{planned.scenario.name}: {error}; {_told_by(world)}") from error
        finally:
            ssh.close(force=True)
    finally:
        world.close()


def _components() -> str:
    """Return the variables by which real components are found: a new session has none of them."""
    return " ".join(
        f"{one}={shlex.quote(os.environ[one])}" for one in _FOUND_BY if one in os.environ
    )


def _session(world: World, plan: Plan) -> "pexpect.spawn[bytes]":
    """Return a connection with a console in front, and behind it what waits to start the action."""
    config, go = shlex.quote(f"{world.folder}/quarterdeck.yaml"), f"{world.folder}/go"
    request = plan.request
    said = phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan)
    sets = [word for name, value in request.inputs for word in ("--set", f"{name}={value}")]
    words = [str(QUARTERDECK), "run", request.action, request.target, *sets, "--confirm", said]
    run = f"{shlex.join(words)} --config {config}"
    remote = (
        f"export TERM=xterm-256color LANG=C.UTF-8 {_components()}; "
        f"echo $$ > {world.folder}/console; "
        f"(while [ ! -e {go} ]; do sleep 0.05; done; exec {run}) "
        f">{world.folder}/run.out 2>&1 & exec {QUARTERDECK} --config {config}"
    )
    argv = ["-tt", "-F", os.environ["QD_TEST_SSH_CONFIG"], "ops", remote]
    ssh: pexpect.spawn[bytes] = pexpect.spawn("ssh", argv, dimensions=(30, 100), timeout=120)
    ssh.expect(re.compile(rb"shop"))
    return ssh


def _cut(
    planned: Planned,
    world: World,
    plan: Plan,
    ssh: "pexpect.spawn[bytes]",
    how: str,
    after_s: float,
) -> Cut:
    console = psutil.Process(int((world.folder / "console").read_text("ascii")))
    server = _server_of(console)
    # What waits to start the action becomes `run`, so that it is among these.
    family = _session_of(console)
    (world.folder / "go").touch()
    _until(lambda: _state(world, plan).begun_s is not None, 0.002)
    _drained(ssh, after_s)
    is_amid = not _state(world, plan).is_ended
    if how == "client":
        ssh.kill(signal.SIGKILL)
    else:
        server.kill()
    cut_s = time.monotonic()
    _until(lambda: _is_over(console))
    gone_s = time.monotonic() - cut_s
    with suppress(TimeoutError):
        _until(lambda: all(map(_is_over, family)))
    leftover = sum(not _is_over(one) for one in family)
    attached = subprocess.run(
        [str(QUARTERDECK), "attach", plan.id, "--config", str(world.folder / "quarterdeck.yaml")],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    _until(lambda: _state(world, plan).is_ended and not _state(world, plan).is_alive)
    state = _state(world, plan)
    planned.lasts_s = max(_LEAST_S, (state.ended_s or 0.0) - (state.begun_s or 0.0))
    return Cut(
        how, after_s, gone_s, is_amid, state, attached.returncode, attached.stdout, world.now,
        planned, leftover,
    )  # fmt: skip


def _session_of(console: psutil.Process) -> list[psutil.Process]:
    """Return the processes that a connection's end has to end: those of the console's session."""
    found = [console]
    for one in console.children(recursive=True):
        with suppress(ProcessLookupError):
            if os.getsid(one.pid) == os.getsid(console.pid):
                found.append(one)
    return found


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


def _told_by(world: World) -> str:
    """Return what `run` said in the session, for whoever wonders why nothing came of it."""
    path = world.folder / "run.out"
    return path.read_text("utf-8", "replace")[-500:] if path.exists() else ""


def _until(condition: Callable[[], object], every_s: float = 0.02) -> None:
    until_s = time.monotonic() + _WITHIN_S
    while not condition():
        if time.monotonic() > until_s:
            raise TimeoutError("it did not come to that")
        time.sleep(every_s)
