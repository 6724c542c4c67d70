"""What it takes to show a store of very many keys: how long the console answers nobody, and memory.

`python -m bench.key_screen [--keys 100000]`

The longest step is told in CPU time of the console's thread, whatever else the machine does, and
in wall time, which others working beside it make longer.
"""

import argparse
import asyncio
import gc
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.key_list import made_store
from bench.scene import calm
from bench.still import StillConsole
from cli.keys import books_of
from core.model.keys_view import KeysPicture
from screens.keys import KeysScreen
from widgets.keys_table_pane import KeysTablePane

_BEAT_S = 0.002
_LONGEST_S = 120.0


class Heart:
    """Beats in the console's loop; what holds it up is seen as a late beat."""

    def __init__(self) -> None:
        self.cpu_s = self.wall_s = 0.0
        self._is_over = False

    async def beat(self) -> None:
        """Beat until it is told to end."""
        while not self._is_over:
            cpu_s, wall_s = time.thread_time(), time.monotonic()
            await asyncio.sleep(_BEAT_S)
            self.cpu_s = max(self.cpu_s, time.thread_time() - cpu_s)
            self.wall_s = max(self.wall_s, time.monotonic() - wall_s - _BEAT_S)

    def stop(self) -> None:
        """End with the next beat."""
        self._is_over = True


async def held_up(name: str, act: Callable[[], Awaitable[None]]) -> Heart:
    """Do something; print and return how long it held the loop up at most."""
    heart = Heart()
    beats = asyncio.create_task(heart.beat())
    await asyncio.sleep(0)
    await act()
    heart.stop()
    await beats
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:20} longest step {heart.cpu_s * 1000:5.0f} ms CPU, {heart.wall_s * 1000:5.0f} ms"
        f" wall, most memory {memory_mb:.0f} MB",
        flush=True,
    )
    return heart


async def shown(count: int, folder: Path) -> list[Heart]:
    """Open the Keys screen on so many keys, scroll and filter; return what held the loop up."""
    (book,) = books_of(made_store(folder, count), "")
    app = StillConsole(calm())
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, KeysScreen)
        table = screen.query_one(KeysTablePane)

        async def until(is_it: Callable[[], bool]) -> None:
            async with asyncio.timeout(_LONGEST_S):
                while not is_it():
                    await asyncio.sleep(_BEAT_S)

        async def opened() -> None:
            view = await asyncio.to_thread(book.look)
            screen.keys = KeysPicture((view,), is_read=True)
            await until(lambda: table.counts_of_keys.found is not None and len(table.rows) > 1000)
            await pilot.pause()

        async def scrolled() -> None:
            for key in ["pagedown"] * 20 + ["G", "g"]:
                await pilot.press(key)

        async def filtered() -> None:
            await pilot.press("slash", *"dev", "enter")
            await until(lambda: bool(table.rows) and all("dev" in row.search for row in table.rows))

        async def told() -> None:
            screen.sum_up()
            await pilot.press("right_square_bracket", "left_square_bracket")

        hearts = [await held_up("look and list", opened), await held_up("scroll", scrolled)]
        return [*hearts, await held_up("filter", filtered), await held_up("turn pages", told)]


def main() -> None:
    """Print what each step took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=100_000)
    count: int = parser.parse_args().keys
    # As the console sets it when it runs.
    gc.set_threshold(50_000, *gc.get_threshold()[1:])
    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="qd-keys-") as folder:
        asyncio.run(shown(count, Path(folder)))


if __name__ == "__main__":
    main()
