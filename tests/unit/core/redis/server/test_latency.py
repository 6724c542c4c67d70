"""Latency: sampled within bounds, and read from what redis-cli prints."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.model.redis_server import LatencyWindow
from core.redis.server.latency import MOST_WINDOWS, parse_latency, sample_windows, window_of
from tests.fakes.clock import FakeClock
from tests.unit.core.redis.server.keys import named_keys

RAW = Path(__file__).parents[4] / "data/system/redis_latency_raw.txt"


class QuickClock(FakeClock):
    """Sleeping passes the time at once."""

    async def sleep(self, seconds: float) -> None:
        self._elapsed_s += seconds


async def sampled(windows: AsyncIterator[LatencyWindow]) -> list[LatencyWindow]:
    return [one async for one in windows]


def test_what_redis_cli_prints_into_a_pipe_is_read() -> None:
    window = parse_latency(RAW.read_text())
    assert window is not None
    assert (window.min_ms, window.max_ms, window.avg_ms, window.count) == (0, 1, 0.19, 99)


@pytest.mark.parametrize(
    "text", ["", "PONG", "NOAUTH Authentication required.", "1 2 3", "a b c d"]
)
def test_what_is_no_latency_is_not_read_as_one(text: str) -> None:
    assert parse_latency(text) is None


def test_of_a_history_the_last_line_counts() -> None:
    window = parse_latency("0 1 0.19 99\n0 7 0.25 98\n")
    assert window is not None
    assert window.max_ms == 7


def test_a_window_has_the_figures_of_its_pings() -> None:
    window = window_of([0.001, 0.003])
    assert (window.count, window.min_ms, window.avg_ms, window.max_ms) == (2, 1.0, 2.0, 3.0)


async def test_as_many_windows_as_wished_are_sampled() -> None:
    keys = named_keys(0, lambda _: b"")
    windows = await sampled(sample_windows(keys, QuickClock(), 3, 1.0))
    assert len(windows) == 3
    assert keys.asked["PING"] <= 3 * 21, "no more pings a second than a person can use"


async def test_no_wish_samples_for_ever() -> None:
    keys = named_keys(0, lambda _: b"")
    windows = await sampled(sample_windows(keys, QuickClock(), 10**9, 0.0))
    assert len(windows) == MOST_WINDOWS
    assert len(await sampled(sample_windows(keys, QuickClock(), -5, 0.1))) == 1
