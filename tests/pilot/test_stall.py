"""A terminal that stops reading: nothing piles up, and the screen is true again soon after."""

import re
import time

import psutil

from tests.pilot.conftest import Open
from tests.pilot.pty_child import PtyChild

CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d) UTC")
STALLED_S = 3.0
MOST_STALLS = 12
GROWTH_BYTES = 4_000_000


def seconds_shown(text: str) -> int | None:
    found = CLOCK.search(text)
    if found is None:
        return None
    hours, minutes, seconds = (int(part) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds


def seconds_now() -> int:
    now = time.gmtime()
    return 3600 * now.tm_hour + 60 * now.tm_min + now.tm_sec


def is_of_now(text: str) -> bool:
    shown = seconds_shown(text)
    return shown is not None and abs(seconds_now() - shown) <= 1


def growth_while_stalled(child: PtyChild, process: psutil.Process) -> int:
    """Return by how many bytes it has grown while nobody read."""
    before = process.memory_info().rss
    stall(child, STALLED_S)
    return process.memory_info().rss - before


def stall(child: PtyChild, seconds: float) -> None:
    """Keep it drawing while nobody reads."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        # Two screens that are kept: dialogs are made anew, and are collected when Python likes.
        child.press_without_reading("12", 5)
        time.sleep(0.05)


def test_a_stalled_terminal_costs_no_memory_and_shows_the_truth_when_it_reads_again(
    open_console: Open,
) -> None:
    child = open_console()
    child.wait_for("shop")
    process = psutil.Process(child.pid)
    stall(child, STALLED_S)
    # What is loaded on first use, or a while after it, comes once; what piles up comes each time.
    grown = [growth_while_stalled(child, process)]
    while max(grown[-2:]) >= GROWTH_BYTES or len(grown) < 2:
        assert len(grown) < MOST_STALLS, f"it grows for as long as nobody reads: {grown}"
        grown.append(growth_while_stalled(child, process))
    child.press("1")
    child.wait_until(lambda: is_of_now(child.text), "the screen is not of now")
