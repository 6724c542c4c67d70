"""What the engine makes of locks between hosts: held before anything, and asked again in time."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.executor import Executor
from core.actions.host_locks import HostLocks
from core.errors import ClientRefused
from core.model.action import Phase, Plan
from core.model.action_state import ActionState
from tests.fakes.acting_parts import SWAP
from tests.unit.core.actions.stage import Places, Stage

OLD, NEW = ("old", "old"), ("new", "new")


class Keys:
    """A server's keys, as far as locks use them; `is_down` is asked before each call."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.is_down: Callable[[], bool] = lambda: False

    def _answer(self) -> None:
        if self.is_down():
            raise ClientRefused("connection refused")

    async def take(self, server: str, key: str, value: bytes, lives_ms: int) -> bytes | None:
        self._answer()
        found = self.values.setdefault(key, value)
        return None if found is value else found

    async def take_over(
        self, server: str, key: str, found: bytes, value: bytes, lives_ms: int
    ) -> bool:
        self._answer()
        is_there = self.values.get(key) == found
        if is_there:
            self.values[key] = value
        return is_there

    async def keep(self, server: str, key: str, value: bytes, lives_ms: int) -> bool:
        self._answer()
        return self.values.get(key) == value

    async def give_back(self, server: str, key: str, value: bytes) -> bool:
        self._answer()
        is_ours = self.values.get(key) == value
        if is_ours:
            del self.values[key]
        return is_ours

    async def holder(self, server: str, key: str) -> bytes | None:
        self._answer()
        return self.values.get(key)


class Shared:
    """A stage whose targets are locked between hosts as well."""

    def __init__(self, folder: Path, *, is_irreversible: bool = False) -> None:
        self.stage = stage = Stage(folder)
        plan = asyncio.run(stage.planner.plan(SWAP, stage.request))
        last = replace(plan.steps[-1], is_irreversible=is_irreversible)
        self.plan: Plan = replace(plan, steps=(*plan.steps[:-1], last))
        stage.keep(self.plan)
        stage.confirm(self.plan)
        self.keys = Keys()

    def _executor(self, places: Places) -> Executor:
        executor = self.stage.executor(places)
        holder = {"actor": "ada", "host": "here", "title": "it", "action": self.plan.id}
        locks = HostLocks(
            self.keys, "shop/redis", self.plan, {**holder, "since": "now"}, self.stage.clock,
            executor.run.work.say,
        )  # fmt: skip
        return replace(executor, between_hosts=locks)

    def execute(self, at_place: Callable[[str], None] = lambda _name: None) -> ActionState:
        executor = self._executor(Watching(at_place))
        try:
            asyncio.run(executor.execute())
        finally:
            executor.locks.close()
            executor.run.journal.close()
        return self.stage.state

    def flush_at(self, place: str) -> Callable[[str], None]:
        """Drop every key when the executor passes a place."""
        return lambda name: self.keys.values.clear() if name == place else None

    @property
    def output(self) -> str:
        return self.stage.action.output.read_text("utf-8")


class Watching(Places):
    """Calls somebody at each place."""

    def __init__(self, at_place: Callable[[str], None]) -> None:
        super().__init__()
        self._at_place = at_place

    def __call__(self, name: str) -> None:
        super().__call__(name)
        self._at_place(name)


@pytest.fixture(params=[False, True], ids=["undoable", "irreversible"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Shared:
    return Shared(tmp_path, is_irreversible=request.param)


def test_they_are_held_while_it_runs_and_given_back(shared: Shared) -> None:
    held: list[int] = []
    state = shared.execute(lambda _name: held.append(len(shared.keys.values)))
    assert (state.phase, shared.stage.contents) == (Phase.COMMITTED, NEW)
    assert max(held) == len(shared.plan.locks)
    assert shared.keys.values == {}


def test_somebody_elsewhere_who_holds_one_is_named_and_nothing_is_touched(shared: Shared) -> None:
    name = f"quarterdeck:lock:{shared.plan.system}:{shared.plan.locks[0]}"
    there = b'{"actor":"mia","host":"web-2","title":"deploy","action":"01X","since":"12:00 UTC"}'
    shared.keys.values[name] = there
    state = shared.execute()
    assert (state.phase, shared.stage.contents) == (Phase.ABORTED, OLD)
    assert "is held from another host: mia on web-2 runs deploy (01X) since 12:00" in state.text
    assert shared.keys.values == {name: there}


def test_a_lock_that_is_lost_stops_before_a_step_without_a_way_back(tmp_path: Path) -> None:
    shared = Shared(tmp_path, is_irreversible=True)
    state = shared.execute(shared.flush_at("done"))
    assert (state.phase, shared.stage.contents) == (Phase.ROLLED_BACK, OLD)
    assert "the lock between hosts is lost" in state.text


def test_a_lock_that_is_lost_before_the_first_step_leaves_everything(tmp_path: Path) -> None:
    shared = Shared(tmp_path, is_irreversible=True)
    first = replace(shared.plan.steps[0], is_irreversible=True)
    shared.plan = replace(shared.plan, id=f"{shared.plan.id[:-1]}0", steps=(first,))
    shared.stage.keep(shared.plan)
    shared.stage.confirm(shared.plan)
    state = shared.execute(shared.flush_at("backed_up"))
    assert (state.phase, shared.stage.contents) == (Phase.ABORTED, OLD)
    assert "the lock between hosts is lost" in state.text


def test_what_can_be_undone_goes_on_without_it(tmp_path: Path) -> None:
    shared = Shared(tmp_path)
    state = shared.execute(shared.flush_at("done"))
    assert (state.phase, shared.stage.contents) == (Phase.COMMITTED, NEW)


def test_a_server_that_does_not_answer_stops_nothing(shared: Shared) -> None:
    shared.keys.is_down = lambda: True
    state = shared.execute()
    assert (state.phase, shared.stage.contents) == (Phase.COMMITTED, NEW)
    assert "no lock between hosts in shop/redis: connection refused" in shared.output


def test_an_answer_that_is_lost_leaves_no_lock_behind(shared: Shared) -> None:
    """Whether it was taken is not known then, so it is given back."""
    calls: list[None] = []

    def second() -> bool:
        calls.append(None)
        return len(calls) == 2

    shared.keys.is_down = second
    assert shared.execute().phase is Phase.COMMITTED
    assert shared.keys.values == {}
