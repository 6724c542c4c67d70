"""The host screen under a person's hands: what enter and `!` do in each of its tables."""

import contextlib
from collections.abc import AsyncGenerator

import pytest
from textual.pilot import Pilot

from bench.scene import calm
from bench.still import StillConsole
from tests.fakes.scripted import screen_text
from widgets.metric_chart_pane import MetricChartPane
from widgets.metrics_table_pane import MetricsTablePane
from widgets.ports_table_pane import PortsTablePane
from widgets.process_details_pane import ProcessDetailsPane
from widgets.processes_table_pane import ProcessesTablePane

SIZE = (120, 40)


@contextlib.asynccontextmanager
async def opened(
    pane: type[ProcessesTablePane | PortsTablePane | MetricsTablePane],
    size: tuple[int, int] = SIZE,
) -> AsyncGenerator[tuple[StillConsole, Pilot[None]]]:
    """Open the console with the keys on one of the tables."""
    app = StillConsole(calm())
    async with app.run_test(size=size) as pilot:
        await pilot.press("9")
        for _ in range(8):
            if isinstance(app.front.focused, pane):
                break
            await pilot.press("tab")
        await pilot.pause()
        assert isinstance(app.front.focused, pane)
        yield app, pilot


def footer(app: StillConsole) -> str:
    return screen_text(app).rstrip().splitlines()[-1]


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


@pytest.mark.parametrize("size", [SIZE, (80, 24), (200, 60)])
async def test_enter_describes_a_process_and_escape_takes_it_away(size: tuple[int, int]) -> None:
    async with opened(ProcessesTablePane, size) as (app, pilot):
        details = app.front.query_one(ProcessDetailsPane)
        assert not details.display
        await press(pilot, "enter")
        assert details.size.height >= 6
        assert "127.0.0.1:8000 tcp" in screen_text(app)
        await press(pilot, "j")
        assert "127.0.0.1:5000 tcp" in screen_text(app), "it follows the cursor"
        await press(pilot, "escape")
        assert not details.display
        assert app.front.title == "Host & metrics"


async def test_enter_leaves_the_full_view_for_what_it_opens() -> None:
    async with opened(ProcessesTablePane) as (app, pilot):
        await press(pilot, "f", "enter")
        assert app.front.maximized is None
        assert app.front.query_one(ProcessDetailsPane).size.height >= 6
        assert "127.0.0.1:8000 tcp" in screen_text(app)


async def test_the_description_leaves_with_the_table() -> None:
    async with opened(ProcessesTablePane) as (app, pilot):
        await press(pilot, "enter", "tab")
        assert not app.front.query_one(ProcessDetailsPane).display


@pytest.mark.parametrize("size", [SIZE, (80, 24)])
async def test_enter_on_a_port_goes_to_its_process(size: tuple[int, int]) -> None:
    async with opened(PortsTablePane, size) as (app, pilot):
        processes = app.front.query_one(ProcessesTablePane)
        processes.filter_text = "nothing has this name"
        await press(pilot, "g", "enter")
        assert app.front.focused is processes
        assert processes.cursor_key.startswith("1231@")
        assert "sshd" in screen_text(app)


async def test_a_port_whose_process_is_hidden_offers_nothing_and_help_says_why() -> None:
    async with opened(PortsTablePane) as (app, pilot):
        ports = app.front.query_one(PortsTablePane)
        assert "enter Open" in footer(app)
        ports.cursor_key = next(row.key for row in ports.rows if " 5432 " in row.key)
        await pilot.pause()
        assert "enter" not in footer(app)
        await press(pilot, "enter")
        assert app.front.focused is ports
        await press(pilot, "question_mark")
        assert "(its owner is hidden)" in " ".join(screen_text(app).split())


async def test_faults_only_is_not_offered_where_there_are_no_faults() -> None:
    async with opened(PortsTablePane) as (app, pilot):
        ports = app.front.query_one(PortsTablePane)
        assert "Faults" not in footer(app)
        await press(pilot, "exclamation_mark")
        assert not ports.faults_only
        await press(pilot, "question_mark")
        assert "neither well nor in trouble" in " ".join(screen_text(app).split())


async def test_faults_only_among_processes_says_what_a_fault_would_be() -> None:
    async with opened(ProcessesTablePane) as (app, pilot):
        assert "Faults" in footer(app)
        await press(pilot, "exclamation_mark")
        assert "no zombie, and none fills a core (12 rows hidden)" in screen_text(app)


async def test_only_the_pane_with_the_keys_has_a_marked_heading() -> None:
    async with opened(ProcessesTablePane) as (app, pilot):
        assert "▸" not in screen_text(app)
        await press(pilot, "shift+tab")
        assert "▸ Machine" in screen_text(app)


async def test_enter_on_a_series_gives_the_keys_to_its_chart() -> None:
    async with opened(MetricsTablePane) as (app, pilot):
        await press(pilot, "enter")
        assert isinstance(app.front.focused, MetricChartPane)
