"""One widget full screen on a terminal, driven by a script: `python -m bench.widget_program`.

Run by `bench.widgets` on a pseudo-terminal, with the name of a subject, a number of rows and the
file that the figures go to.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from bench.widget_subjects import LOGS, OURS, TABLES, LogSubject, TableSubject, log_lines
from tui.terminal import erases_in_colour
from widgets.frame import FrameDiff

LOAD, ONE_CELL, IN_SIGHT = "load", "change one cell", "change all cells in sight"
CURSOR, PAGE, APPEND = "move the cursor", "page down", "append 1,000 lines"
_QUIET_S = 0.05
_QUIET_CPU_S = 0.004
Step = tuple[str, Callable[[], None]]
"""An operation and how it is done once; without a name it is not measured."""


class CountingDriver(LinuxDriver):
    """Counts what is written to the terminal."""

    bytes_written = 0

    def write(self, data: str) -> None:
        """Count and write."""
        self.bytes_written += len(data.encode())
        super().write(data)


class Program(App[None]):
    """A subject full screen: Textual as it comes."""

    subject: TableSubject | LogSubject
    steps: list[Step]
    figures: dict[str, tuple[float, float]]
    """CPU ms and bytes of each operation, medians."""

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that counts."""
        return CountingDriver

    def compose(self) -> ComposeResult:
        """Show the subject and nothing else."""
        yield self.subject.widget

    def on_ready(self) -> None:
        """Start the script."""
        self.subject.widget.focus()
        self.run_worker(self._run())

    async def _run(self) -> None:
        samples: dict[str, list[tuple[float, int]]] = {}
        await self._quiet()
        for name, step in self.steps:
            cpu_s, written = time.process_time(), self._written
            step()
            overhead_s = await self._quiet()
            used_ms = (time.process_time() - cpu_s - overhead_s) * 1000
            samples.setdefault(name, []).append((used_ms, self._written - written))
        self.figures = {
            name: (
                statistics.median(cpu_ms for cpu_ms, _ in taken),
                statistics.median(size for _, size in taken),
            )
            for name, taken in samples.items()
            if name
        }
        self.exit()

    @property
    def _written(self) -> int:
        assert isinstance(self._driver, CountingDriver)
        return self._driver.bytes_written

    async def _quiet(self) -> float:
        """Wait until nothing is written and hardly anything computed.

        Returns:
            CPU seconds of the last stretch: what it costs to do nothing.
        """
        while True:
            cpu_s, written = time.process_time(), self._written
            await asyncio.sleep(_QUIET_S)
            used_s = time.process_time() - cpu_s
            if self._written == written and used_s < _QUIET_CPU_S:
                return used_s


class DiffProgram(FrameDiff, Program):
    """A subject full screen with the frame diff, as in the console."""


def table_steps(table: TableSubject, rows: int) -> list[Step]:
    """Return what is done with a table."""
    loads: list[Step] = [("", table.empty), (LOAD, table.load)]
    steps = loads * 3
    steps += [(ONE_CELL, lambda turn=turn: table.change_one_cell(turn)) for turn in range(1, 16)]
    steps += [(IN_SIGHT, lambda turn=turn: table.change_cells_in_sight(turn)) for turn in range(8)]
    steps += [(CURSOR, table.move_cursor)] * 15
    # What is all in sight has no next page.
    return [*steps, *[(PAGE, table.page_down)] * 8] if rows > 100 else steps


def log_steps(log: LogSubject) -> list[Step]:
    """Return what is done with a log; what it costs to show the first lines is left out."""

    def append(tick: int) -> Callable[[], None]:
        return lambda: log.append(log_lines(tick))

    return [("", append(0)), *((APPEND, append(tick)) for tick in range(1, 8))]


def main() -> None:
    """Measure one subject and write the figures down."""
    name, rows, path = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    program = DiffProgram(erases_in_colour=erases_in_colour()) if name in OURS else Program()
    if name in TABLES:
        table = TABLES[name](rows)
        program.subject, program.steps = table, table_steps(table, rows)
    else:
        log = LOGS[name]()
        program.subject, program.steps = log, log_steps(log)
    program.run()
    path.write_text(json.dumps(program.figures), encoding="utf-8")


if __name__ == "__main__":
    main()
