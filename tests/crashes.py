"""Kills executors for good: each runs in a forked process, and dies by kill -9 at a named place.

Used by `tests/real/test_crash_matrix.py` and, with every scenario, by `python -m bench.kills`.
"""

import asyncio
import json
import os
import random
import re
import select
import shutil
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from config.loader import Loaded, load
from core.actions.audit.record import Event
from core.actions.failpoints import FailPoints
from core.actions.plan_codec import code_of, phrase_of
from core.clients.clock import SystemClock
from core.errors import ConsoleError
from core.model.action import ActionRequest, Phase, Rung
from core.model.action_state import ActionState
from tests.components import why_absent
from tui.acting import Acting, desk_of, executor_of

ROOT = Path(__file__).parents[1]
_PLACES = re.compile(r'fail\("([a-z_]+)"\)')
_NOWHERE = "nowhere:1:kill"
_ENDS = frozenset({Event.COMMITTED, Event.ROLLED_BACK, Event.ABORTED, Event.NEEDS_HUMAN})
_HURRY = 50.0
_LOOKS_EVERY_S = 0.02


def places() -> list[str]:
    """Return the names of all failpoints, read from the code that passes them."""
    names: list[str] = []
    for name in ("executor", "run", "recovery"):
        text = (ROOT / "core/actions" / f"{name}.py").read_text("utf-8")
        names += [one for one in _PLACES.findall(text) if one not in names]
    return names


class HurriedClock(SystemClock):
    """The real clock, fifty times as fast: what waits for ten seconds waits for a fifth of one."""

    def __init__(self, times: float = _HURRY) -> None:
        self._times = times
        self._began = super().monotonic()
        self._wall = super().now()

    def now(self) -> datetime:
        return self._wall + timedelta(seconds=self.monotonic() - self._began)

    def monotonic(self) -> float:
        return self._began + (super().monotonic() - self._began) * self._times

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._times)


Sift = Callable[[list[str]], list[str]]
"""Chooses among places that were passed."""


def every(step: int, begin: int = 0) -> Sift:
    """Choose each `step`-th place from the one at `begin` on, which goes round at `step`.

    Scenarios that begin at 0, 1, 2, … choose all their places between them.
    """
    return lambda passed: passed[begin % step :: step]


def one_by_turn(number: int) -> Sift:
    """Choose a single place: another for each number, until all have been chosen."""
    return lambda passed: passed[number % len(passed) :][:1] if passed else []


@dataclass(frozen=True, slots=True)
class Scenario:
    """One action on a small world of its own."""

    name: str
    config: Callable[[Path], str]
    """Makes the world in a folder and returns the system's YAML, indented by four."""
    request: Callable[[Path], ActionRequest]
    look: Callable[[Path], object]
    """What the world is now, so that two worlds can be compared."""
    clean: Callable[[Path], None] = lambda _folder: None
    first: Callable[[Path], ActionRequest] | None = None
    """What has been done before it, such as the backup that is put back."""
    ends: Phase = Phase.COMMITTED
    """How it ends when nobody is killed."""
    may_need_human: str = ""
    """Why an end in the hands of a person is right here; empty: it is not."""
    needs: tuple[str, ...] = ()
    """Real components, as `tests.components` names them."""
    hurry: float = _HURRY
    """How many times as fast its clock goes: slower where another process has to keep up."""

    def why_not(self) -> str:
        """Return why it cannot be made here; empty: it can."""
        return "; ".join(filter(None, map(why_absent, self.needs)))


@dataclass(slots=True)
class Tally:
    """What came of the runs of one scenario."""

    runs: int = 0
    kills: int = 0
    struck: set[str] = field(default_factory=set[str])
    """Names of the failpoints at which it was killed."""
    ends: Counter[Phase] = field(default_factory=Counter[Phase])
    wrong: list[str] = field(default_factory=list[str])


def _not_now(_what: str, _action_id: str) -> None:
    """Leave the start to the test."""


class World:
    """A scenario's folder, configuration and action."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self.folder = Path(tempfile.mkdtemp(prefix="qd-crash-"))
        self.place = self.folder / "world"
        self.place.mkdir()
        text = (
            f"version: 1\nenvironment: development\nstate: {{folder: {self.folder}/state}}\n"
            f"systems:\n  shop:\n    root: {self.place}\n{scenario.config(self.place)}"
        )
        config = self.folder / "quarterdeck.yaml"
        config.write_text(text, encoding="utf-8")
        config.chmod(0o600)
        self.loaded: Loaded = load(config, {}, checks_filters=False)
        self.desk = desk_of(self.loaded)
        try:
            self._prepare(scenario)
        except BaseException:
            self.close()
            raise

    def _prepare(self, scenario: Scenario) -> None:
        """Do what comes first, and confirm what is then asked for."""
        if scenario.first is not None:
            self._begin(scenario.first(self.place))
        request = scenario.request(self.place)
        self.before = scenario.look(self.place)
        self.action_id = self.confirmed(request)

    def _begin(self, request: ActionRequest) -> None:
        """Do what comes before the scenario."""
        self.action_id = self.confirmed(request)
        self.in_process("execute")
        if self.state.phase is not Phase.COMMITTED:
            raise ConsoleError(f"{self._scenario.name}: what comes first ends {self.state.text}")

    def confirmed(self, request: ActionRequest) -> str:
        """Plan and confirm; return the action's id. The start is left to the caller."""
        desk = replace(self.desk, start=_not_now)
        plan = asyncio.run(desk.plan(request))
        if plan.is_stopped:
            raise ConsoleError(f"{self._scenario.name}: {[str(one) for one in plan.preflight]}")
        said = phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan)
        desk.confirm(plan, said, is_armed=True)
        return plan.id

    @property
    def now(self) -> object:
        """What the world is."""
        return self._scenario.look(self.place)

    @property
    def state(self) -> ActionState:
        """Where the action stands."""
        return self.desk.shelf.state(self.action_id)

    def in_process(
        self,
        what: str,
        failpoint: str = _NOWHERE,
        kill_after_s: float | None = None,
        kill_when: Callable[[], bool] | None = None,
    ) -> bool:
        """Execute or recover in a process of its own; tell whether it was killed.

        Args:
            what: `execute` or `recover`.
            failpoint: Where it kills itself.
            kill_after_s: When it is killed from outside, wherever it is then.
            kill_when: What has to be so for that instead.
        """
        pid = os.fork()
        if not pid:
            self._be_executor(what, failpoint)
        if kill_after_s is not None:
            _kill_after(pid, kill_after_s)
        while kill_when is not None and not _kill_after(pid, _LOOKS_EVERY_S, kill_when):
            continue
        _, status = os.waitpid(pid, 0)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL

    def _be_executor(self, what: str, failpoint: str) -> None:
        """Be the process; never return."""
        code, fail = 70, FailPoints(failpoint)
        try:
            clock = HurriedClock(self._scenario.hurry)
            executor = executor_of(self.loaded, self.action_id, fail, lambda: False, clock)
            # What is followed by a clock that hurries is never silent.
            executor.capsule = lambda: Acting(self.loaded, SystemClock()).capsule("shop")
            asyncio.run(executor.execute() if what == "execute" else executor.recover())
            code = 0
        except ConsoleError as error:
            (self.folder / "refused").write_text(str(error), "utf-8")
        except Exception:  # noqa: BLE001 - whoever waits for this process has to hear of it
            (self.folder / "crashed").write_text(traceback.format_exc(), "utf-8")
        finally:
            (self.folder / f"passed-{what}").write_text("\n".join(fail.passed), "utf-8")
            os._exit(code)

    def passed(self, what: str) -> list[str]:
        """Return every pass of a failpoint by the last process that was not killed."""
        names = (self.folder / f"passed-{what}").read_text("utf-8").split()
        return [f"{one}:{names[: at + 1].count(one)}" for at, one in enumerate(names)]

    @property
    def crash(self) -> str:
        """Return the traceback of a process that met a bug; empty: none did."""
        path = self.folder / "crashed"
        return path.read_text("utf-8") if path.exists() else ""

    def audited_ends(self, action_id: str = "") -> set[str]:
        """Return the kinds of terminal audit records of the action, or of another one."""
        wanted = action_id or self.action_id
        ends = {event.value for event in _ENDS}
        found: set[str] = set()
        for file in sorted((self.folder / "state" / "audit").glob("audit-*.jsonl")):
            for row in map(json.loads, file.read_text("utf-8").splitlines()):
                if row.get("action_id") == wanted and row["ev"] in ends:
                    found.add(row["ev"])
        return found

    def close(self) -> None:
        """Leave nothing behind."""
        self._scenario.clean(self.place)
        shutil.rmtree(self.folder, ignore_errors=True)


def _kill_after(pid: int, seconds: float, when: Callable[[], bool] = lambda: True) -> bool:
    """Kill a child of ours, unless it has ended by then; return whether it is over with it."""
    handle = os.pidfd_open(pid)
    try:
        watch = select.poll()
        watch.register(handle, select.POLLIN)
        if watch.poll(seconds * 1000):
            return True
        if is_time := when():
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        return is_time
    finally:
        os.close(handle)


def matrix(
    scenario: Scenario,
    *,
    seconds: bool = False,
    only: Callable[[str], bool] = lambda _place: True,
    seconds_only: Callable[[str], bool] = lambda _place: True,
    sift: Sift = list,
    seconds_sift: Callable[[int], Sift] = lambda _number: list,
    until_s: float = float("inf"),
) -> Tally:
    """Kill a scenario at every place, and with `seconds` its recovery at every place too.

    Args:
        scenario: What is done.
        seconds: Whether the recovery is killed as well, before it is begun again.
        only: Which `NAME:COUNT` to kill the execution at.
        seconds_only: And which to kill the recovery at.
        sift: Which of those, in the order of their passes.
        seconds_sift: Which places of the recovery after the first, second, … of those.
        until_s: By the monotonic clock: when to begin no further run.
    """
    tally = Tally()
    after, firsts = _clean_run(scenario, tally)
    for number, first in enumerate(sift([*filter(only, firsts)])):
        if time.monotonic() > until_s:
            break
        passed = _one(scenario, tally, after, first, "")
        if not seconds:
            continue
        for second in seconds_sift(number)([*filter(seconds_only, passed)]):
            if time.monotonic() > until_s:
                break
            _one(scenario, tally, after, first, second)
    return tally


def at_random(scenario: Scenario, kills: int, dice: random.Random, until_s: float) -> Tally:
    """Kill a scenario from outside at any moment of a clean run: in the middle of a call, too."""
    tally, world = Tally(), World(scenario)
    try:
        began_s = time.monotonic()
        world.in_process("execute")
        lasts_s, after = time.monotonic() - began_s, world.now
    finally:
        world.close()
    while tally.kills < kills and time.monotonic() < until_s:
        world, moment_s = World(scenario), dice.uniform(0, lasts_s)
        try:
            tally.kills += world.in_process("execute", kill_after_s=moment_s)
            world.in_process("recover")
            tally.runs += 1
            _judge(scenario, tally, world, after, f"{scenario.name} after {moment_s:.3f} s")
        finally:
            world.close()
    return tally


def _clean_run(scenario: Scenario, tally: Tally) -> tuple[object, list[str]]:
    """Return what the world is after an undisturbed run, and the places that it passes."""
    world = World(scenario)
    try:
        world.in_process("execute")
        tally.runs += 1
        if world.state.phase is not scenario.ends:
            tally.wrong.append(
                f"{scenario.name}: a clean run ends {world.state.phase}: {world.state.text}"
            )
        return world.now, world.passed("execute")
    finally:
        world.close()


def _one(scenario: Scenario, tally: Tally, after: object, first: str, second: str) -> list[str]:
    """Run, kill, recover (killed once, if asked), recover; return what a recovery passes."""
    world, where = World(scenario), f"{scenario.name} {first} {second}"
    try:
        kills = world.in_process("execute", f"{first}:kill")
        if second:
            kills += world.in_process("recover", f"{second}:kill")
        if kills != 1 + bool(second):
            tally.wrong.append(f"{where}: only {kills} kills struck")
        world.in_process("recover")
        tally.kills += kills
        tally.struck |= {one.partition(":")[0] for one in (first, second) if one}
        tally.runs += 1
        _judge(scenario, tally, world, after, where)
        return world.passed("recover")
    finally:
        world.close()


def _judge(scenario: Scenario, tally: Tally, world: World, after: object, where: str) -> None:
    state = world.state
    if world.crash:
        tally.wrong.append(f"{where}: {world.crash}")
    if state.begun_s is None:
        if world.now != world.before:
            tally.wrong.append(f"{where}: never begun, and changed")
        return
    tally.ends[state.phase] += 1
    allowed = {Phase.ROLLED_BACK: world.before, Phase.ABORTED: world.before, scenario.ends: after}
    if state.phase is Phase.NEEDS_HUMAN:
        if not scenario.may_need_human:
            tally.wrong.append(f"{where}: needs a person: {state.text}")
    elif state.phase not in allowed:
        tally.wrong.append(f"{where}: not ended: {state.phase}")
    elif world.now != allowed[state.phase]:
        tally.wrong.append(f"{where}: {state.phase}, and the world is {world.now}")
    ends = world.audited_ends()
    if len(ends) != 1:
        tally.wrong.append(f"{where}: audit ends {sorted(ends)}")
