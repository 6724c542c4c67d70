"""What systemctl prints, as units; what it fails with, as errors."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.clients.command import CommandResult
from core.clients.systemd import Systemctl, UnitFacts, parse_count, parse_stamp, parse_units
from core.errors import ClientDenied, ClientGarbled, ClientMissing
from core.model.text import clean_lines

DATA = Path(__file__).parents[3] / "data" / "system"


def parsed(name: str) -> UnitFacts:
    lines = clean_lines((DATA / name).read_text())
    return parse_units(lines, ("ai-diy.service",))[0]


class Printing:
    """Runs nothing: prints what it was given."""

    def __init__(self, exit_code: int, output: str = "", errors: str = "") -> None:
        self.result = CommandResult(exit_code, clean_lines(output), clean_lines(errors))
        self.argv: tuple[str, ...] = ()

    async def run(
        self, argv: tuple[str, ...], deadline_s: float, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        self.argv = argv
        return self.result


def test_an_active_unit() -> None:
    unit = parsed("systemctl_show_active.txt")
    assert (unit.active_state, unit.sub_state, unit.main_pid) == ("active", "running", 912)
    assert unit.active_since == datetime(2026, 3, 14, 8, tzinfo=UTC)
    assert unit.memory_bytes == 432013312
    assert unit.restarts == 0


def test_a_unit_in_a_crash_loop_has_no_memory_rather_than_zero() -> None:
    unit = parsed("systemctl_show_failed.txt")
    assert (unit.active_state, unit.sub_state, unit.restarts) == ("activating", "auto-restart", 7)
    assert unit.memory_bytes is None
    assert unit.main_pid is None
    assert unit.exit_status == 1


def test_a_unit_that_does_not_exist() -> None:
    assert parsed("systemctl_show_missing.txt").load_state == "not-found"


@pytest.mark.parametrize("text", ["[not set]", "18446744073709551615", "infinity", "", "x", "-1"])
def test_what_is_not_set_is_none(text: str) -> None:
    assert parse_count(text) is None


@pytest.mark.parametrize("text", ["", "n/a", "Sat 2026-13-45 08:00:00 UTC", "Sat 08:00:00 CET"])
def test_what_is_no_stamp_is_none(text: str) -> None:
    assert parse_stamp(text) is None


def test_several_units_come_in_the_order_asked() -> None:
    lines = clean_lines("Id=a.service\nActiveState=active\n\nId=real.service\nActiveState=failed\n")
    units = parse_units(lines, ("a.service", "alias.service"))
    assert [unit.name for unit in units] == ["a.service", "real.service"]


def test_fewer_answers_than_questions_are_garbled() -> None:
    with pytest.raises(ClientGarbled, match="told of 1 units where 2 were asked"):
        parse_units(clean_lines("Id=a.service\n"), ("a.service", "b.service"))


async def test_a_machine_without_systemd_says_so() -> None:
    commands = Printing(1, errors=(DATA / "systemctl_no_systemd.txt").read_text())
    with pytest.raises(ClientMissing, match="not booted with systemd"):
        await Systemctl(commands).read_units(("a.service",))


async def test_a_bus_that_refuses_is_denied() -> None:
    commands = Printing(1, errors="Failed to get properties: Access denied")
    with pytest.raises(ClientDenied):
        await Systemctl(commands).read_units(("a.service",))


@pytest.mark.parametrize(
    "name", ["--help", "-a", "*.service", "a b", "$(id)", "", "a\nb", "x/../y"]
)
async def test_a_name_that_is_none_never_reaches_a_command(name: str) -> None:
    commands = Printing(0)
    with pytest.raises(ClientGarbled, match="not a unit name"):
        await Systemctl(commands).read_units((name,))
    assert commands.argv == ()


async def test_names_stand_behind_the_end_of_options() -> None:
    commands = Printing(0, output="Id=a.service")
    await Systemctl(commands).read_units(("a.service",))
    assert commands.argv[-2:] == ("--", "a.service")
