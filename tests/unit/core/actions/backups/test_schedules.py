"""The line of cron that a backup wants: there, elsewhere, another, or not to be read."""

import asyncio
from pathlib import Path

import pytest

from cli.backup_report import cron_lines, list_lines, schedules_json
from core.actions.backups.listing import view_of
from core.actions.backups.schedules import Crontab, Crontabs, ScheduleView, schedule_of
from core.actions.families.backups_cron import CronPlaces, read_crontabs
from core.actions.verdicts.cron import parse_crontab
from core.model.operation import BackupSpec, OperationsSpec
from core.model.text import clean
from core.model.verdict import Verdict
from tests.unit.core.actions.families.backup_stage import BackupStage

LINE = "0 2 * * * docker-compose -f /opt/shop/c.yml exec -T redis redis-cli BGSAVE"
HOUR_S = 3600.0


def spec(line: str = LINE, schedule: str = "0 2 * * *") -> BackupSpec:
    return BackupSpec("redis", "/b/r-%s.rdb", schedule=schedule, schedule_line=line)


def tables(*lines: str, unread: tuple[str, ...] = ()) -> Crontabs:
    entries = parse_crontab(lines, has_user=False)
    return Crontabs((Crontab("/var/spool/cron/crontabs/ops", entries),), tuple(map(clean, unread)))


def view(*lines: str, age_s: float | None = None, unread: tuple[str, ...] = ()) -> ScheduleView:
    found = schedule_of(spec(), tables(*lines, unread=unread), age_s)
    assert found is not None
    return found


def test_it_is_found_whatever_spaces_stand_in_it() -> None:
    seen = view("# backups", "PATH=/bin", LINE.replace("* * *", "*  *\t*"))
    assert (seen.verdict, seen.state) == (Verdict.OK, "in /var/spool/cron/crontabs/ops, line 3")
    assert seen.wanted == LINE


def test_one_that_is_commented_out_is_not_there() -> None:
    assert "in no crontab of this machine" in view(f"# {LINE}").state


def test_another_time_and_another_path_are_told() -> None:
    seen = view(LINE.replace("0 2", "30 4"))
    assert seen.verdict is Verdict.DEGRADED
    assert "runs it at 30 4 * * *" in seen.state
    seen = view(LINE.replace("/opt/shop", "/opt/other-shop"))
    assert seen.verdict is Verdict.DEGRADED
    assert "is like it: docker-compose -f /opt/other-shop/c.yml" in seen.state


def test_what_cannot_be_read_is_not_called_absent() -> None:
    seen = view(unread=("/var/spool/cron/crontabs: Permission denied",))
    assert seen.verdict is Verdict.UNKNOWN
    assert "not read: /var/spool/cron/crontabs: Permission denied" in seen.state


@pytest.mark.parametrize(
    ("age_s", "is_late"), [(None, False), (25 * HOUR_S, False), (30 * HOUR_S, True)]
)
def test_its_last_run_is_that_of_the_newest_backup(age_s: float | None, is_late: bool) -> None:
    seen = view(LINE, age_s=age_s)
    assert (seen.last_s, seen.is_late) == (age_s, is_late)


def test_without_a_line_it_is_not_known_and_without_a_schedule_not_asked() -> None:
    seen = schedule_of(spec(line=""), tables(LINE), None)
    assert seen is not None
    assert seen.verdict is Verdict.UNKNOWN
    assert schedule_of(spec("", ""), tables(LINE), None) is None


def test_lists_show_the_line_where_it_is_and_its_age() -> None:
    shown = view_of("shop", spec(), (), 0.0, tables(LINE))
    lines = list_lines([shown])
    assert f"    cron: {LINE}" in lines
    assert lines[-1].endswith("line 1; no backup shows that it ever ran")
    assert cron_lines([shown])[0] == f"shop/redis  cron: {LINE}"
    [document] = schedules_json([shown])
    assert (document["set"], document["verdict"]) == ("redis", "ok")
    assert document["last_run_age_s"] is None


def test_all_places_are_read_and_names_that_cron_skips_are_not(tmp_path: Path) -> None:
    (tmp_path / "crontab").write_text(f"{LINE.replace('* * *', '* * * root', 1)}\n")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "shop").write_text("@daily root /bin/one\n")
    (tmp_path / "d" / "shop.dpkg-old").write_text("@daily root /bin/two\n")
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "ops").write_bytes(b"5 * * * * /bin/three \xff\n")
    stage = BackupStage(tmp_path, OperationsSpec("shop", str(tmp_path / "shop")))
    places = CronPlaces(
        str(tmp_path / "crontab"), str(tmp_path / "d"),
        (str(tmp_path / "spool"), str(tmp_path / "absent")),
    )  # fmt: skip
    found = asyncio.run(read_crontabs(stage.site.ports, places))
    assert found.unread == ()
    commands = [one.command.split(" ")[0] for table in found.tables for one in table.entries]
    assert commands == ["docker-compose", "/bin/one", "/bin/three"]


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    stage = BackupStage(tmp_path, OperationsSpec("shop", str(tmp_path / "shop")))
    (tmp_path / "link").symlink_to(tmp_path / "link")
    places = CronPlaces(str(tmp_path / "none"), str(tmp_path / "link"), ())
    found = asyncio.run(read_crontabs(stage.site.ports, places))
    assert len(found.unread) == 1
    assert "link" in found.unread[0]
