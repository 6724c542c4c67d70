"""Packages of a release, installed by a real pip from wheels of our own; nothing is downloaded."""

import asyncio
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, cast

import pytest

from core.actions.families.dependencies import (
    InstallRequirements,
    MakeEnvironment,
    base_python,
    frozen_packages,
    outdated_node,
    outdated_python,
    packages_digest,
)
from core.actions.folder import ActionFolder, FolderWork
from core.actions.part import Sight
from core.actions.ports import Ports
from core.clients.acting.commands import LocalActing
from core.clients.acting.files import LocalFiles
from core.clients.clock import SystemClock
from core.errors import StepFailedError
from tests.fakes.acting_commands import FakeCommands, ran

TOKEN = "01TEST"


def wheel(folder: Path, version: str, *needs: str) -> None:
    """Write a wheel of a package without code."""
    name = f"quarterdeck_sample-{version}"
    meta = f"Metadata-Version: 2.1\nName: quarterdeck-sample\nVersion: {version}\n"
    meta += "".join(f"Requires-Dist: {need}\n" for need in needs)
    files = {
        "METADATA": meta,
        "WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "".join(f"{name}.dist-info/{one},,\n" for one in ("METADATA", "WHEEL", "RECORD")),
    }
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as archive:
        for file, text in files.items():
            archive.writestr(f"{name}.dist-info/{file}", text)


class Place:
    """An environment, wheels, requirements, ports and an action's own folder."""

    def __init__(self, folder: Path) -> None:
        self.wheels, self.venv = folder / "wheels", folder / "app" / "venv"
        self.wheels.mkdir()
        self.venv.parent.mkdir()
        wheel(self.wheels, "1.0")
        wheel(self.wheels, "2.0")
        wheel(self.wheels, "3.0", "nowhere-to-be-had")
        self.requirements = folder / "requirements.txt"
        clock = SystemClock()
        self.ports = Ports(
            clock=clock, files=LocalFiles(clock), commands=LocalActing(clock),
            units=cast(Any, None), engine=cast(Any, None), processes=cast(Any, None),
            look=cast(Any, None), git=cast(Any, None),
        )  # fmt: skip
        (folder / "action").mkdir()
        self.work = FolderWork(ActionFolder(folder / "action"))

    def want(self, version: str) -> None:
        self.requirements.write_text(
            f"--no-index\n--find-links {self.wheels}\nquarterdeck-sample=={version}\n"
        )

    def make(self) -> MakeEnvironment:
        return MakeEnvironment(sys.executable, str(self.venv), str(self.requirements), TOKEN)

    def packages(self) -> tuple[str, ...]:
        return asyncio.run(frozen_packages(self.ports, str(self.venv)))

    def install(self) -> InstallRequirements:
        was = packages_digest(self.packages())
        return InstallRequirements(str(self.venv), str(self.requirements), was, TOKEN)

    def apply(self, step: Any) -> None:
        asyncio.run(step.apply(self.ports, self.work))

    def sight(self, step: Any) -> Sight:
        return asyncio.run(step.observe(self.ports)).sight


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def made(place: Place) -> Place:
    place.want("1.0")
    place.apply(place.make())
    (place.venv / "quarterdeck-requirements").unlink()  # as somebody else would have made it
    return place


def test_a_new_environment_is_whole_or_known_as_half(place: Place) -> None:
    place.want("1.0")
    step = place.make()
    assert place.sight(step) is Sight.BEFORE

    place.apply(step)
    assert place.sight(step) is Sight.AFTER
    assert "quarterdeck-sample==1.0" in place.packages()
    assert asyncio.run(base_python(place.ports, str(place.venv))) == str(
        Path(sys.executable).resolve()
    )

    (place.venv / "quarterdeck-requirements").unlink()
    assert place.sight(step) is Sight.NEITHER
    asyncio.run(step.undo(place.ports, place.work))
    assert place.sight(step) is Sight.BEFORE


def test_packages_change_in_place_and_are_put_back(made: Place) -> None:
    made.want("2.0")
    step = made.install()
    assert made.sight(step) is Sight.BEFORE
    asyncio.run(step.save(made.ports, made.work))

    made.apply(step)
    assert made.sight(step) is Sight.AFTER
    assert "quarterdeck-sample==2.0" in made.packages()

    # The way back needs the old version from somewhere: an index, a cache, or this folder.
    (made.venv / "pip.conf").write_text(f"[install]\nno-index = true\nfind-links = {made.wheels}\n")
    asyncio.run(step.undo(made.ports, made.work))
    assert made.sight(step) is Sight.BEFORE
    assert "quarterdeck-sample==1.0" in made.packages()
    asyncio.run(step.undo(made.ports, made.work))
    assert made.sight(step) is Sight.BEFORE


def test_an_installation_cut_off_is_neither_and_undone(made: Place) -> None:
    made.want("2.0")
    step = made.install()
    asyncio.run(step.save(made.ports, made.work))
    pip = [str(made.venv / "bin" / "python"), "-m", "pip", "install", "-q", "-r"]
    subprocess.run([*pip, str(made.requirements)], check=True, capture_output=True)
    assert made.sight(step) is Sight.NEITHER

    (made.venv / "pip.conf").write_text(f"[install]\nno-index = true\nfind-links = {made.wheels}\n")
    asyncio.run(step.undo(made.ports, made.work))
    assert made.sight(step) is Sight.BEFORE


def test_what_cannot_be_installed_is_said_and_changes_nothing(made: Place) -> None:
    made.want("3.0")
    step = made.install()

    with pytest.raises(StepFailedError, match="pip install ended with 1"):
        made.apply(step)

    assert made.sight(step) is Sight.BEFORE


def test_an_environment_that_does_not_fit_together_is_not_well(made: Place) -> None:
    made.want("1.0")
    step = made.install()
    made.apply(step)
    assert made.sight(step) is Sight.AFTER
    pip = [str(made.venv / "bin" / "python"), "-m", "pip", "install", "-q", "--no-deps"]
    sample = made.wheels / "quarterdeck_sample-3.0-py3-none-any.whl"
    subprocess.run([*pip, str(sample)], check=True, capture_output=True)

    seen = asyncio.run(step.observe(made.ports))

    assert seen.sight is Sight.NEITHER
    assert "pip check" in seen.text


def test_an_index_that_nobody_reaches_is_said_and_not_taken_for_up_to_date(made: Place) -> None:
    (made.venv / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/simple\n")

    seen = asyncio.run(outdated_python(made.ports, str(made.venv)))

    assert seen.packages == ()
    assert "not reachable" in seen.problem


@pytest.mark.parametrize(
    ("answer", "packages", "problem"),
    [
        (ran(1, '{"left-pad": {"current": "1.0.0", "wanted": "1.3.0", "latest": "1.3.0"}}'), 1, ""),
        (ran(0, "{}"), 0, ""),
        (ran(0, ""), 0, ""),
        (ran(1, '{"error": {"code": "ENOTFOUND"}}'), 0, "not reachable"),
        (ran(1, "<html>"), 0, "cannot be read"),
    ],
)
def test_npm_tells_by_its_text_and_not_by_its_exit(
    answer: Any, packages: int, problem: str
) -> None:
    ports = cast(Any, type("P", (), {"commands": FakeCommands({("npm", "outdated"): answer})}))

    seen = asyncio.run(outdated_node(ports, "/srv/app"))

    assert len(seen.packages) == packages
    assert problem in seen.problem
    assert bool(seen.problem) == bool(problem)


def test_a_missing_npm_is_a_statement() -> None:
    commands = FakeCommands({}, missing={"npm"})
    ports = cast(Any, type("P", (), {"commands": commands}))

    assert "npm is not installed" in asyncio.run(outdated_node(ports, "/srv/app")).problem
