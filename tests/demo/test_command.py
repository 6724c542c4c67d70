"""The verb as a person types it."""

import json
import subprocess

from demo.faults import ALL
from demo.supervisor import Demo
from tests.demo.looking import ENTRY


def typed(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*ENTRY, "demo", *words], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_fault_is_switched_from_another_process(demo: Demo) -> None:
    folder = str(demo.home.folder)
    assert typed("fault", "error-burst", "on", "--folder", folder).returncode == 0
    assert demo.faults()["error-burst"]
    assert typed("fault", "error-burst", "off", "--folder", folder).returncode == 0
    assert not demo.faults()["error-burst"]


def test_the_faults_are_listed_with_what_must_come_of_them(demo: Demo) -> None:
    demo.set_fault("login-wall", True)
    done = typed("faults", "--json", "--folder", str(demo.home.folder))
    document = json.loads(done.stdout)
    assert document["folder"] == str(demo.home.folder)
    assert [one["name"] for one in document["faults"]] == [fault.name for fault in ALL]
    assert [one["name"] for one in document["faults"] if one["is_on"]] == ["login-wall"]


def test_a_misspelt_fault_is_answered_with_the_nearest(demo: Demo) -> None:
    done = typed("fault", "redis-dwn", "on", "--folder", str(demo.home.folder))
    assert done.returncode == 2
    assert "did you mean redis-down?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_fault_at_the_start_starts_nothing() -> None:
    done = typed("--headless", "--fault", "redis-dwn")
    assert done.returncode == 2
    assert "did you mean redis-down?" in done.stderr
    assert done.stdout == ""


def test_a_folder_without_a_demo_is_said_to_have_none() -> None:
    done = typed("fault", "redis-down", "on", "--folder", "/nonexistent/demo")
    assert done.returncode == 1
    assert "no demo is running in /nonexistent/demo" in done.stderr
