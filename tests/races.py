"""Several executors of one target, let go at the same moment, each in a process of its own.

Used by `tests/real/test_action_races.py` and, for many rounds, by `python -m bench.races`.
"""

import asyncio
import mmap
import os
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path

from core.actions.failpoints import FailPoints
from core.model.action import ActionRequest, Phase
from core.model.action_state import ActionState, StepState
from tests.crash_scenarios import SCENARIOS
from tests.crashes import HurriedClock, World
from tui.acting import executor_of

_HURRY = 10.0
"""The winner has to hold its lock while the slowest of them asks for it."""
_CLOSE_S = 0.005
_AHEAD_S = 0.05
"""From the opening of the gate to the agreed instant: by then all are awake and wait for it."""
_SPIN_S = 0.0002
"""The last of the wait is spent looking at the clock: a timer may ring a little late."""
_SCENARIO = next(one for one in SCENARIOS if one.name == "env.set")


@dataclass(slots=True)
class Heat:
    """What came of one round."""

    ended: list[ActionState]
    spread_s: float
    """Between the first and the last start."""
    level: str
    """What the file says afterwards."""
    audited: list[set[str]]

    @property
    def is_close(self) -> bool:
        """Whether all were let go within five milliseconds."""
        return self.spread_s <= _CLOSE_S

    @property
    def winners(self) -> list[ActionState]:
        """Those that have begun a step, however they ended."""
        return [
            one for one in self.ended
            if any(step.state is not StepState.WAITING for step in one.steps)
        ]  # fmt: skip

    @property
    def losers(self) -> list[ActionState]:
        """The others."""
        return [one for one in self.ended if one not in self.winners]

    @property
    def wrong(self) -> list[str]:
        """What is not as it has to be."""
        if len(self.winners) != 1:
            return [f"{len(self.winners)} of {len(self.ended)} were carried out"]
        [winner] = self.winners
        wanted = winner.plan.request.input("LOG_LEVEL")
        said = [f"{one.phase}: {one.text}" for one in self.losers if not is_turned_away(one)]
        if winner.phase is not Phase.COMMITTED or self.level != wanted:
            said.append(f"the winner is {winner.phase}, the file says {self.level}")
        if any(len(ends) != 1 for ends in self.audited):
            said.append(f"audit ends {self.audited}")
        return said


def is_turned_away(state: ActionState) -> bool:
    """Tell whether it ended before its start, and says who holds the target or what changed."""
    is_told = is_held(state) or "changed since the plan" in state.text
    return state.phase is Phase.ABORTED and state.is_audited and is_told


def is_held(state: ActionState) -> bool:
    """Tell whether it names who holds the target, with what, and since when."""
    words = (" is held: ", " runs set LOG_LEVEL ", " since ", " UTC")
    return all(one in state.text for one in words)


@dataclass(slots=True)
class Races:
    """The sum of many rounds."""

    rounds: int = 0
    starts: int = 0
    held: int = 0
    """Losers that named the holder."""
    stale: int = 0
    """Losers that came so late that the target had changed."""
    close: int = 0
    """Rounds whose starts were all within five milliseconds."""
    held_close: int = 0
    """Losers of those that named the holder, and of how many."""
    losers_close: int = 0
    widest_s: float = 0.0
    spreads_s: list[float] = field(default_factory=list[float])
    """Of the close rounds."""
    wrong: list[str] = field(default_factory=list[str])

    def add(self, heat: Heat) -> None:
        """Count a round."""
        self.rounds += 1
        self.starts += len(heat.ended)
        self.held += sum(map(is_held, heat.losers))
        self.stale += sum(not is_held(one) for one in heat.losers)
        if heat.is_close:
            self.close += 1
            self.held_close += sum(map(is_held, heat.losers))
            self.losers_close += len(heat.losers)
            self.spreads_s.append(heat.spread_s)
        self.widest_s = max(self.widest_s, heat.spread_s)
        self.wrong += [f"round {self.rounds}: {one}" for one in heat.wrong]


def race(count: int) -> Heat:
    """Confirm `count` plans of one target, start them all at once, and wait for their ends."""
    world = World(_SCENARIO)
    try:
        ids = [world.action_id]
        for number in range(1, count):
            level = ("LOG_LEVEL", f"LEVEL{number % 2}")
            ids.append(world.confirmed(ActionRequest("env.set", "shop/env", (level,))))
        spread_s = _all_at_once(world, ids)
        text = (world.place / ".env").read_text("utf-8")
        return Heat(
            [world.desk.shelf.state(one) for one in ids],
            spread_s,
            text.partition("LOG_LEVEL=")[2].partition("\n")[0],
            [world.audited_ends(one) for one in ids],
        )
    finally:
        world.close()


def _all_at_once(world: World, ids: list[str]) -> float:
    """Run an executor each; return the seconds between the first and the last start."""
    ready_out, ready_in = os.pipe()
    gate_out, gate_in = os.pipe()
    instant = mmap.mmap(-1, 8)  # shared with the children
    pids: list[int] = []
    for one in ids:
        pid = os.fork()
        if not pid:
            os.close(gate_in)
            _be_contender(world, one, ready_in, gate_out, instant)
        pids.append(pid)
    for _ in ids:
        os.read(ready_out, 1)
    struct.pack_into("d", instant, 0, time.monotonic() + _AHEAD_S)
    os.close(gate_in)  # whoever waits at the gate reads its end, and then waits for the instant
    for pid in pids:
        os.waitpid(pid, 0)
    for file in (ready_out, ready_in, gate_out):
        os.close(file)
    instant.close()
    began = [float(path.read_text("ascii")) for path in world.folder.glob("began-*")]
    return max(began) - min(began)


def _be_contender(world: World, action_id: str, ready: int, gate: int, instant: mmap.mmap) -> None:
    """Be one of the processes; never return."""
    try:
        clock = HurriedClock(_HURRY)
        executor = executor_of(world.loaded, action_id, FailPoints(), lambda: False, clock)
        os.write(ready, b"x")
        os.read(gate, 1)
        (at_s,) = struct.unpack_from("d", instant)
        time.sleep(max(0.0, at_s - _SPIN_S - time.monotonic()))
        while (began_s := time.monotonic()) < at_s:
            pass
        os.sched_yield()  # where there are more of them than cores, all are let go before one works
        asyncio.run(executor.execute())
        Path(world.folder / f"began-{os.getpid()}").write_text(str(began_s), "ascii")
    finally:
        os._exit(0)
