"""Calls that hang neither hold the loop's end nor the interpreter's."""

import asyncio
import subprocess
import sys
import threading

import pytest

from core.clients.daemon_executor import LIMIT, DaemonExecutor


async def test_a_call_gives_its_result_or_its_error() -> None:
    loop = asyncio.get_running_loop()
    executor = DaemonExecutor()
    assert await loop.run_in_executor(executor, int, "7") == 7
    with pytest.raises(ValueError, match="invalid literal"):
        await loop.run_in_executor(executor, int, "x")


async def test_calls_run_at_the_same_time_up_to_the_limit() -> None:
    loop = asyncio.get_running_loop()
    executor = DaemonExecutor()
    together = threading.Barrier(LIMIT)
    waits = [loop.run_in_executor(executor, together.wait, 30) for _ in range(LIMIT)]
    assert sorted(await asyncio.gather(*waits)) == list(range(LIMIT))


def test_a_call_that_hangs_keeps_no_process_from_ending() -> None:
    code = (
        "import asyncio, threading\n"
        "from core.clients.daemon_executor import DaemonExecutor\n"
        "async def main():\n"
        "    loop = asyncio.get_running_loop()\n"
        "    loop.set_default_executor(DaemonExecutor())\n"
        "    loop.run_in_executor(None, threading.Event().wait)\n"
        "asyncio.run(main())\n"
        "print('ended')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "ended\n"
