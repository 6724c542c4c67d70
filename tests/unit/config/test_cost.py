"""A start pays only for what its configuration has."""

import subprocess
import sys
from pathlib import Path

from tests.unit.config.writing import write

SCRIPT = """
import sys
from pathlib import Path
from config.loader import load
load(Path(sys.argv[1]), {})
names = ("pydantic", "platformdirs", "difflib", "config.operations", "config.model_problems")
print(" ".join(name for name in names if name in sys.modules))
"""


def modules_after(path: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_a_plain_file_loads_no_model_classes_and_nothing_for_errors(tmp_path: Path) -> None:
    text = """\
        version: 1
        systems: {shop: {services: {api: {checks: {port: {url: "tcp://h:1"}}}}}}
        """
    assert modules_after(write(tmp_path, text)) == []


def test_a_profile_brings_what_may_be_done(tmp_path: Path) -> None:
    text = "version: 1\nsystems: {gw: {profile: api-gateway}}\n"
    assert modules_after(write(tmp_path, text)) == ["config.operations"]
