"""Tables of cron, and whether what they should have written is late."""

import pytest

from core.actions.verdicts.cron import cron_row, every_s, parse_crontab

TABLE = """# backups
MAILTO=ops
SHELL = /bin/sh
0 2 * * * /opt/api-gateway/backup.sh >> /var/log/backup.log 2>&1
0 3 * * 0 tar czf /backup/w.tgz /opt --password=hunter22
*/5 * * * *   redis-cli -a x PING
@daily run-parts /etc/daily
@reboot /usr/bin/start
this is no entry at all
"""


def test_entries_are_rows_with_what_looks_secret_masked() -> None:
    rows = parse_crontab(tuple(TABLE.splitlines()), has_user=False)
    assert [(one.line, one.schedule) for one in rows] == [
        (4, "0 2 * * *"), (5, "0 3 * * 0"), (6, "*/5 * * * *"), (7, "0 0 * * *"), (8, "@reboot"),
    ]  # fmt: skip
    assert "hunter22" not in rows[1].command
    assert rows[0].command.startswith("/opt/api-gateway/backup.sh >>")


def test_a_table_of_the_system_names_a_user() -> None:
    (row,) = parse_crontab(("17 * * * * root cd / && run-parts /etc/cron.hourly",), has_user=True)
    assert (row.user, row.command) == ("root", "cd / && run-parts /etc/cron.hourly")


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("* * * * *", 60), ("*/5 * * * *", 300), ("0 * * * *", 3600), ("0 */6 * * *", 21600),
        ("0 2 * * *", 86400), ("0 3 * * 0", 604800), ("0 3 * * sun", 604800),
        ("0 3 1 * *", 2678400), ("@daily", 86400), ("@weekly", 604800), ("@reboot", None),
        ("0 0 30 2 *", None),
        ("*/0 * * * *", None), ("0 9-17 * * *", None), ("0 2 * *", None),
    ],
)  # fmt: skip
def test_how_often_a_schedule_runs(schedule: str, seconds: float | None) -> None:
    assert every_s(schedule) == seconds


def test_what_was_last_written_too_long_ago_is_late_and_what_is_unknown_is_not() -> None:
    (daily,) = parse_crontab(("0 2 * * * x",), has_user=False)
    assert not cron_row(daily, 26 * 3600).is_late
    assert cron_row(daily, 27 * 3600).is_late
    assert not cron_row(daily, None).is_late
    (boot,) = parse_crontab(("@reboot x",), has_user=False)
    assert not cron_row(boot, 1e9).is_late


def test_outside_text_in_a_table_is_harmless() -> None:
    (row,) = parse_crontab(("0 2 * * * echo \x1b[2J",), has_user=False)
    assert "\x1b" not in row.command
