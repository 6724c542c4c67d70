"""A console on a script: a runtime without sources, pictures without a runtime."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from textual.pilot import Pilot

from core.model.events import Event
from core.model.snapshot import EMPTY_SNAPSHOT, Snapshot
from core.model.text import clean
from core.model.topology import Topology
from core.model.verdict import Verdict
from core.model.views import Picture
from core.store.reducer import reduce_all
from core.store.selectors import picture
from tests.fakes.clock import FakeClock
from tests.fakes.world import observed, service, system, topology
from tui.app import ConsoleApp
from tui.crash import CrashLog
from tui.setup import Setup

if TYPE_CHECKING:
    from tui.action_link import MakeActionDesk
    from tui.log_link import MakeDesk

HOST = clean("test-host")
_WAITS_S = 60.0


class FakeRuntime:
    """Knows what a test publishes. Counts what it is asked to do."""

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        self.snapshot: Snapshot = EMPTY_SNAPSHOT
        self.starts = 0
        self.stops = 0
        self.refreshes = 0
        self._on_change = on_change

    def start(self) -> None:
        self.starts += 1

    def stop(self, timeout_s: float = 1.0) -> bool:
        self.stops += 1
        return True

    def refresh_now(self) -> None:
        self.refreshes += 1

    def publish(self, *events: Event) -> None:
        """Let events happen."""
        self.snapshot = reduce_all(self.snapshot, events)
        self._on_change()


class ScriptedConsole(ConsoleApp):
    """The real application on a fake runtime and a clock that stands still."""

    def __init__(
        self,
        watched: Topology | None = None,
        *,
        events: Iterable[Event] = (),
        theme: str = "dark",
        keymap: Mapping[str, str] | None = None,
        clock: FakeClock | None = None,
        crashes: CrashLog | None = None,
        make_desk: "MakeDesk | None" = None,
        make_action_desk: "MakeActionDesk | None" = None,
        has_acted: bool = False,
    ) -> None:
        self.clock = clock or FakeClock()
        self.runtime = FakeRuntime()

        def make_runtime(on_change: Callable[[], None]) -> FakeRuntime:
            self.runtime = FakeRuntime(on_change)
            self.runtime.publish(*events)
            return self.runtime

        setup = Setup(
            watched or small_topology(),
            make_runtime,
            self.clock,
            HOST,
            theme=theme,
            keymap=keymap,
            zone=UTC,
            make_desk=make_desk,
            make_action_desk=make_action_desk,
            has_acted=lambda: has_acted,
        )
        super().__init__(setup, crashes or CrashLog(lambda error: f"crashed: {error!r}"))
        self.pushes = 0

    def _hand_over(self) -> None:
        self.pushes += 1
        super()._hand_over()


def small_topology() -> Topology:
    """Two systems: a shop of three services, and a bank of one."""
    return topology(
        system("shop", service("api", depends_on=("redis",)), service("redis"), service("worker")),
        system("bank", service("ledger", system="bank")),
    )


def calm_events() -> tuple[Event, ...]:
    """Everything in the small topology is well."""
    return (
        observed("api"),
        observed("redis"),
        observed("worker"),
        observed("ledger", system="bank"),
    )


def troubled_events() -> tuple[Event, ...]:
    """Redis is down, and the worker is slow."""
    return (
        *calm_events(),
        observed("redis", Verdict.DOWN, "connection refused", seconds=1, http_status=None),
        observed("worker", Verdict.DEGRADED, "slow: 3.1 s", seconds=2),
    )


def picture_of(
    *events: Event, watched: Topology | None = None, now: datetime | None = None
) -> Picture:
    """Return the picture after some events."""
    snapshot = reduce_all(EMPTY_SNAPSHOT, events)
    return picture(watched or small_topology(), snapshot, now or FakeClock().now(), HOST)


_Result = TypeVar("_Result")


async def until(pilot: Pilot[_Result], is_so: Callable[[], bool]) -> None:
    """Wait until something is so; fail when it does not become so in a long time."""
    end_s = time.monotonic() + _WAITS_S
    while not is_so():
        assert time.monotonic() < end_s, "it did not become so"
        await pilot.pause(0.01)


def screen_text(app: ConsoleApp) -> str:
    """Return what the terminal shows, as plain text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)
