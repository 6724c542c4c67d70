"""Many logs may be open at once, whatever the shell's soft limit is."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
SCRIPT = """
import resource
from core.clients.descriptors import allow_descriptors

def limits(): return resource.getrlimit(resource.RLIMIT_NOFILE)

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 300))
allow_descriptors(50)
assert limits() == (64, 300), limits()
allow_descriptors(200)
assert limits() == (200, 300), limits()
allow_descriptors(5000)
assert limits() == (300, 300), limits()
"""


def test_the_soft_limit_is_raised_as_far_as_the_hard_one_and_never_lowered() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0


def test_many_named_logs_are_read_with_a_low_soft_limit(tmp_path: Path) -> None:
    for number in range(120):
        (tmp_path / f"{number}.log").write_text("2026-03-14T09:00:00Z INFO x\n")
    call = (
        "import glob, resource, sys; from cli.main import run;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 4096));"
        "sys.exit(run(['logs', *glob.glob(sys.argv[1] + '/*.log'), '--limit', '120']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", call, str(tmp_path)],
        cwd=ROOT, check=False, timeout=120, capture_output=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"INFO x") == 120
