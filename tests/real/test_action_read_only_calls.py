"""Read-only means read-only to the kernel, too: no call of it writes to a target."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash_more import MORE
from tests.crash_scenarios import FILES, SCENARIOS
from tests.crashes import Scenario, World
from tests.read_only import config_of, set_read_only

ROOT = Path(__file__).parents[2]
WRITES = re.compile(
    r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|^\d+ +(rename|unlink|mkdir|rmdir|chmod|fchmod|chown|"
    r"lchown|fchown|utime|truncate|ftruncate|link|symlink|mknod|setxattr|removexattr|mount)"
)


IN_FILES = [
    *FILES,
    *MORE,
    *(one for one in SCENARIOS if one.name in {"key.rotate", "secret.generate"}),
]
"""What changes files only: a service that is started would be traced for ever, and what a server
is told is seen at the server."""


@pytest.mark.real("strace")
@pytest.mark.parametrize("scenario", IN_FILES, ids=lambda one: one.name)
def test_no_call_of_the_kernel_writes_to_a_target(scenario: Scenario, tmp_path: Path) -> None:
    world, log = World(scenario), tmp_path / "calls"
    calls = "trace=%file,%desc"
    try:
        for is_read_only in (True, False):
            set_read_only(world, is_read_only=is_read_only)
            if not is_read_only:  # the same look finds the writes of an action that runs
                world = _anew(world, scenario)
            words = ["--config", str(config_of(world)), "execute", "execute", world.action_id]
            argv = ["strace", "-f", "-y", "-o", str(log), "-e", calls, sys.executable, "-m"]
            subprocess.run(
                [*argv, "cli.main", *words], check=True, capture_output=True, timeout=600, cwd=ROOT
            )
            written = [
                line
                for line in log.read_text("utf-8", "replace").splitlines()
                if str(world.place) in line and WRITES.search(line)
            ]
            assert bool(written) is not is_read_only, written[:5]
    finally:
        world.close()


def _anew(world: World, scenario: Scenario) -> World:
    world.close()
    return World(scenario)
