"""A terminal that stops reading: nothing piles up, and the screen is true again soon after."""

import re
import time

import psutil

from tests.pilot.conftest import Open
from tests.pilot.pty_child import PtyChild

CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d) UTC")
STALLED_S = 3.0


def seconds_shown(text: str) -> int | None:
    found = CLOCK.search(text)
    if found is None:
        return None
    hours, minutes, seconds = (int(part) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds


def seconds_now() -> int:
    now = time.gmtime()
    return 3600 * now.tm_hour + 60 * now.tm_min + now.tm_sec


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
    for _ in range(2):  # what is loaded on first use, or a few seconds after it, is loaded now
        stall(child, STALLED_S)
    before = process.memory_info().rss
    stall(child, STALLED_S)
    assert process.memory_info().rss - before < 4_000_000
    child.press("1")
    until = time.monotonic() + 3.0
    while time.monotonic() < until:
        child.read(0.05)
        shown = seconds_shown(child.text)
        if shown is not None and abs(seconds_now() - shown) <= 1:
            return
    raise AssertionError(f"the screen is not of now:\n{child.text}")
