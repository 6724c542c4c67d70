"""Counts the lines of Python that run: the same on every machine, however busy it is."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

Work = Callable[[int], Callable[[], object]]
"""Returns what is to be measured with so many of something."""


def lines_of(call: Callable[[], object]) -> int:
    """Return how many lines run in a call, in this thread."""
    count = 0

    def trace(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def assert_is_linear(work: Work, few: int = 40) -> None:
    """Ten times as many may cost ten times as much, and a little for looking them up."""
    for count in (few, 10 * few):
        work(count)()  # what is made once, such as patterns, is made before the counting
    lines, more = lines_of(work(few)), lines_of(work(10 * few))
    assert more < lines * 10 * 1.3, (lines, more)
