"""The demo as most people meet it: on a terminal, with its console, until they leave."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.home import Home
from tests.demo.looking import until
from tests.demo.test_lifetime import assert_nothing_is_left, processes_of
from tests.pilot.pty_child import PtyChild

LIMIT_S = 60.0
"""All of the demo starts and ends within it, also on a busy machine."""
OPEN = "import sys; sys.argv[0] = 'quarterdeck'; from cli.main import main; main()"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "demo"


@pytest.fixture
def console(folder: Path) -> Iterator[PtyChild]:
    words = ("demo", "--folder", str(folder))
    child = PtyChild(OPEN, arguments=words, columns=140, rows=44)
    yield child
    child.close()


def test_five_systems_are_seen_a_fault_is_switched_and_leaving_leaves_nothing(
    console: PtyChild, folder: Path
) -> None:
    console.wait_for("all 5 systems ok", LIMIT_S)
    for name in ("decision-engine", "ai-diy", "business-engine", "api-gateway", "cost-dashboard"):
        console.wait_for(f"● OK        {name}", LIMIT_S)
    console.press(":demo-fault error-burst\r")
    console.wait_for("error-burst is on", LIMIT_S)
    console.wait_for("No space left on device", LIMIT_S)
    home = Home(folder)
    ports, begun = home.ports(), processes_of(folder)
    console.press(":quit\r")
    assert console.wait_end(LIMIT_S)[0] == 0
    assert_nothing_is_left(folder, ports, begun)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL])
def test_a_lost_console_takes_the_demo_with_it(
    console: PtyChild, folder: Path, number: signal.Signals
) -> None:
    console.wait_for("all 5 systems ok", LIMIT_S)
    home = Home(folder)
    ports, begun = home.ports(), processes_of(folder)
    console.send(number)
    console.wait_end(LIMIT_S)
    assert_nothing_is_left(folder, ports, begun)
    until(lambda: not folder.exists())
