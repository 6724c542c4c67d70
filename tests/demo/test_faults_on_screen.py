"""Each fault shows on the screens of one console, with its verdict and reason, and goes away."""

import asyncio
import os
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest
from textual.pilot import Pilot

from config.loader import load
from config.topology import topology_of
from core.clients.clock import SystemClock
from core.model.check import Probe
from core.model.text import clean
from core.model.verdict import Verdict
from core.runtime import RuntimeThread
from demo.faults import ALL, Fault
from demo.supervisor import Demo
from tests.fakes.scripted import screen_text
from tui.app import ConsoleApp
from tui.bootstrap import sources_of
from tui.setup import Setup
from widgets.overview_systems_pane import OverviewSystemsPane
from widgets.present.line import glyph_of
from widgets.present.verdicts import word_of

SIZE = (200, 60)
"""Room for every card and every service at once."""
LOOKS = 2
"""Within two probe intervals: of the looks begun after the switch, the second at the latest."""
LIMIT_S = 60.0
ALSO_TOUCHED = {"redis-down": ("business-engine",)}
"""Systems that share what a fault takes away."""


class DemoConsole(ConsoleApp):
    """The console as `quarterdeck demo` opens it."""

    def __init__(self, demo: Demo) -> None:
        clock = SystemClock()
        topology = topology_of(load(demo.home.config, os.environ).settings)

        def make_runtime(on_change: Callable[[], None]) -> RuntimeThread:
            return RuntimeThread(lambda: sources_of(topology, clock), clock, on_change)

        super().__init__(Setup(topology, make_runtime, clock, clean("demo-host")))

    def looks(self, fault: Fault, switched_at: datetime) -> list[Probe]:
        """Return the looks of a fault's check that were begun after a moment, oldest first."""
        assert self.front.picture is not None
        checks = self.front.picture.snapshot.checks
        named = (fault.system, fault.service, fault.check)
        known = next(
            status
            for spot, status in checks.items()
            if (spot.service.system, spot.service.service, spot.check) == named
        )
        return [
            probe
            for probe in known.history
            if probe.at - timedelta(seconds=probe.latency_s or 0.0) > switched_at
        ]


def rounds() -> list[list[Fault]]:
    """Return all faults in groups in which no two touch the same system."""
    found: list[list[Fault]] = []
    for fault in ALL:
        for group in found:
            if not any(touched(fault) & touched(one) for one in group):
                group.append(fault)
                break
        else:
            found.append([fault])
    return found


def touched(fault: Fault) -> set[str]:
    return {fault.system, *ALSO_TOUCHED.get(fault.name, ())}


def signed(verdict: str, name: str) -> str:
    """Return what matches a name behind its verdict, as cards and rows have it."""
    word = Verdict(verdict)
    return rf"{re.escape(glyph_of(word))} {word_of(word)} +{re.escape(name)}(?![\w-])"


def cards(app: ConsoleApp) -> str:
    """Return what stands on the screen where the Overview's cards are."""
    place = app.front.query_one(OverviewSystemsPane).region
    lines = screen_text(app).splitlines()[place.y : place.bottom]
    return "\n".join(one[place.x : place.right] for one in lines)


def card(app: ConsoleApp, system: str) -> str:
    """Return the lines of a system's card; empty when there is none."""
    found = re.split(r"(?m)^(?=[▌ ] +\S [A-Z]+ +[a-z])", cards(app))
    return next((one for one in found if f" {system} " in one.partition("\n")[0]), "")


def is_on_overview(fault: Fault, app: ConsoleApp) -> bool:
    told = card(app, fault.system)
    verdict = fault.system_verdict or fault.verdict
    return bool(re.search(signed(verdict, fault.system), told) and re.search(fault.reason, told))


def is_well_on_overview(fault: Fault, app: ConsoleApp) -> bool:
    told = card(app, fault.system)
    return bool(re.search(signed("ok", fault.system), told)) and "all well" in told


def is_on_services(fault: Fault, app: ConsoleApp) -> bool:
    rows = rows_of(app, fault, fault.verdict)
    return any(re.search(fault.reason, row) for row in rows)


def is_well_on_services(fault: Fault, app: ConsoleApp) -> bool:
    return bool(rows_of(app, fault, "ok"))


def rows_of(app: ConsoleApp, fault: Fault, verdict: str) -> list[str]:
    """Return the lines that begin with a verdict and the fault's service."""
    wanted = signed(verdict, f"{fault.system}/{fault.service}")
    return [one for one in screen_text(app).splitlines() if re.match(f".{wanted}", one)]


async def shown(
    pilot: Pilot[None],
    app: ConsoleApp,
    faults: Iterable[Fault],
    is_so: Callable[[Fault, ConsoleApp], bool],
) -> None:
    """Wait until the screen has it of every fault; fail, with the screen, when it never does."""
    left = list(faults)
    try:
        async with asyncio.timeout(LIMIT_S):
            while left:
                await pilot.pause(0.05)
                left = [fault for fault in left if not is_so(fault, app)]
    except TimeoutError:
        names = ", ".join(fault.name for fault in left)
        pytest.fail(f"{is_so.__name__} never came of {names}:\n{screen_text(app)}")


async def switched(demo: Demo, faults: Iterable[Fault], *, on: bool) -> dict[str, datetime]:
    """Switch faults; return since when each is in effect."""
    since: dict[str, datetime] = {}
    for fault in faults:
        await asyncio.to_thread(demo.set_fault, fault.name, on)
        since[fault.name] = SystemClock().now()
    return since


def assert_soon(
    app: DemoConsole, faults: Iterable[Fault], since: dict[str, datetime], verdict: str = ""
) -> None:
    """Fail when a fault's check was looked at often enough, and did not tell."""
    for fault in faults:
        looks = app.looks(fault, since[fault.name])
        seen = [str(probe.verdict) for probe in looks[:LOOKS]]
        # Another check of the same service may have told before this one was looked at.
        is_told = (verdict or fault.verdict) in seen or len(looks) < LOOKS
        assert is_told, f"{fault.name}: the first looks say {seen}"


async def test_every_fault_is_read_on_the_overview_and_on_services_and_is_gone_again(
    demo: Demo,
) -> None:
    app = DemoConsole(demo)
    async with app.run_test(size=SIZE) as pilot:
        await shown(pilot, app, ALL, is_well_on_overview)
        for group in rounds():
            since = await switched(demo, group, on=True)
            await shown(pilot, app, group, is_on_overview)
            await pilot.press("2")
            await shown(pilot, app, group, is_on_services)
            assert_soon(app, group, since)
            since = await switched(demo, group, on=False)
            await shown(pilot, app, group, is_well_on_services)
            await pilot.press("1")
            await shown(pilot, app, group, is_well_on_overview)
            assert_soon(app, group, since, "ok")


def test_no_two_faults_of_a_round_touch_the_same_system() -> None:
    groups = rounds()
    assert sorted(fault.name for group in groups for fault in group) == sorted(
        fault.name for fault in ALL
    )
    for group in groups:
        names = [name for fault in group for name in touched(fault)]
        assert len(names) == len(set(names))
