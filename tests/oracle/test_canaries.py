"""Fifty secrets in twelve formats, in everything the console shows: none of them leaves it."""

import base64
import random
import re
from pathlib import Path

import pytest

from bench.canary_console import Watcher
from bench.canary_findings import Ear, Findings, Search
from bench.canary_sampler import sampled
from bench.canary_world import COUNT, CanaryWorld, make_world
from tests.oracle.canary_console import plants, write_world
from tests.oracle.test_terminal import KEYS
from tests.pilot.pty_child import ESCAPE, PtyChild
from tests.planted import leaks, planted, written
from tests.real.servers import OwnRedis

RUN = "import runpy; runpy.run_module('tests.oracle.canary_console', run_name='__main__')"
SEQUENCES = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[\d;?<>$]*[A-Za-z]|\x1b.")
COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
TOUR = (
    ESCAPE,
    "1",
    *KEYS,
    "w",
    "a",
    "x",
    ESCAPE,
    ":",
    ESCAPE,
    "\x10",
    "key",
    ESCAPE,
    "2",
    "d",
    ESCAPE,
)
"""Every screen, drill, details, help, offers, command line and palette."""


def tour(folder: Path, mode: str, columns: int) -> tuple[str, list[str]]:
    """Return all that was sent to the terminal, and the screens as they stood."""
    home = folder / "home"
    env = {"HOME": str(home), "TMUX": ""}
    env |= {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("STATE", "CACHE", "CONFIG")}
    # What is saved goes to the folder that the console was started in, and is looked through too.
    child = PtyChild(
        RUN, arguments=(str(folder), mode), env=env, columns=columns, rows=50, folder=home
    )
    screens: list[str] = []
    try:
        child.wait_for("shop")
        child.press("3")
        child.wait_for("100 records")
        child.press("\r")
        child.wait_for("as written")
        child.press("kkc")
        child.wait_for("terminal's")
        for keys in TOUR:
            child.press(keys)
            for _ in range(6):
                if not child.read(0.1):
                    break
            screens.append(child.text)
        status = child.leave()
    finally:
        child.close()
    assert status == 0, child.output[-800:]
    copied = [base64.b64decode(one).decode() for one in COPIED.findall(child.output)]
    assert copied, "nothing was copied: the tour does not do what it should"
    screens += copied
    return SEQUENCES.sub("", child.output.decode(errors="replace")), screens


@pytest.mark.xdist_group("oracle")
@pytest.mark.parametrize(("mode", "columns"), [("off", 160), ("on", 160), ("on", 90)])
def test_no_planted_secret_leaves_the_console(tmp_path: Path, mode: str, columns: int) -> None:
    write_world(tmp_path / "world")
    (tmp_path / "home").mkdir()
    with sampled() as seen:
        sent, screens = tour(tmp_path, mode, columns)
    assert "••••" in sent
    assert any("canary_console" in one for one in seen.command_lines)
    assert ("PRESENTING" in sent) == (mode == "on")
    kept = [one for one in (tmp_path / "home").rglob("*") if one.is_file()]
    places = {
        "terminal": sent,
        "screens": "\n".join(screens),
        "wrapped": "".join(line.strip() for one in screens for line in one.splitlines()),
        "files": "\n".join(one.read_text(errors="replace") for one in kept),
        "command lines": "\n".join(seen.command_lines),
        "environments": "\n".join(seen.environments),
    }
    found = {
        (place, plant.form, value)
        for plant in plants()
        for value in written(plant.form, plant.value)
        for place, text in places.items()
        if leaks(value, text)
    }
    assert found == set()


@pytest.fixture
def searched(tmp_path: Path) -> tuple[Search, Findings]:
    """What looks for the secrets of a world that has nothing but them."""
    findings = Findings()
    world = CanaryWorld(tmp_path, tuple(planted(COUNT, seed=3)), OwnRedis("none", tmp_path))
    return Search(world, findings), findings


@pytest.mark.parametrize("cut", range(4, 24, 5))
def test_a_secret_is_heard_that_a_terminal_is_sent_in_coloured_pieces(
    searched: tuple[Search, Findings], cut: int
) -> None:
    search, findings = searched
    secret = next(planted(1, seed=3)).value
    ear = Ear(search, "test")
    ear.hear(b"x" * 200_000 + secret[:cut].encode() + b"\x1b[1;3")
    ear.hear(b"1m" + secret[cut:].encode() + b"\x1b[0m")
    ear.flush()
    assert {place for place, _, _ in findings.leaks} == {"terminal: test"}


def test_a_secret_is_heard_in_a_copy_of_many_pieces(searched: tuple[Search, Findings]) -> None:
    search, findings = searched
    copied = base64.b64encode(b"y" * 150_000 + next(planted(1, seed=3)).value.encode())
    ear = Ear(search, "test")
    for piece in (b"\x1b]52;c;", copied[:90_000], copied[90_000:], b"\x07"):
        ear.hear(piece)
    ear.flush()
    assert {place for place, _, _ in findings.leaks} == {"clipboard: test"}


@pytest.mark.xdist_group("oracle")
def test_no_planted_secret_is_in_a_picture_of_a_screen_presenting_or_not(tmp_path: Path) -> None:
    world, findings = make_world(tmp_path, seed=4), Findings()
    search = Search(world, findings)
    screens = iter((True, True, True))
    try:
        Watcher(world, search, random.Random(4)).sit(
            120, presents=True, acts=False, goes_on=lambda: next(screens, False)
        )
    finally:
        world.close()
    pictures = [one for one in findings.done if one.startswith("SVG ")]
    assert len(pictures) >= 4
    assert any("presenting" in one for one in pictures)
    assert findings.texts["SVG"] > 100_000
    assert findings.leaks == set()
