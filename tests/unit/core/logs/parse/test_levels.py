"""Levels: words, numbers, and the places where they count."""

import pytest

from core.logs.parse.levels import level_of_field, level_of_prefix, level_of_word, syslog_level
from core.model.log import LogLevel
from tests.unit.core.logs.parse.corpus import record_of, records_in


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("level", "WARNING", "warn"),
        ("level", " Warn ", "warn"),
        ("level", "fatal", "critical"),
        ("level", "notice", "info"),
        ("level", 50, "error"),
        ("lvl", 60, "critical"),
        ("level", "50", "error"),
        ("levelno", 50, "critical"),
        ("levelno", 25, "info"),
        ("level", 3, "error"),
        ("severity", "high", "error"),
        ("severity", "medium", "warn"),
        ("severity_number", 17, "error"),
        ("level", 30.0, "info"),
    ],
)
def test_a_level_field(name: str, value: object, word: str) -> None:
    level = level_of_field(name, value)
    assert level is not None
    assert level.word == word


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level", "high"),
        ("level", True),
        ("level", None),
        ("level", -5),
        ("level", 10**30),
        ("level", float("nan")),
        ("level", "999999"),
        ("level", ""),
        ("level", {}),
        ("severity_number", 0),
        ("levelno", 1),
    ],
)
def test_what_is_no_level(name: str, value: object) -> None:
    assert level_of_field(name, value) is None


def test_every_level_is_named_by_its_own_word() -> None:
    assert [level_of_word(level.word) for level in LogLevel] == list(LogLevel)


def test_syslog_counts_downwards() -> None:
    assert syslog_level("3") is LogLevel.ERROR
    assert [syslog_level(value) for value in (0, 4, 7)] == [
        LogLevel.CRITICAL,
        LogLevel.WARN,
        LogLevel.DEBUG,
    ]
    assert [syslog_level(value) for value in ("8", "-1", True, None, "³")] == [None] * 5


def test_a_prefix_ends_in_its_level() -> None:
    assert level_of_prefix("API_ERROR") is LogLevel.ERROR
    assert level_of_prefix("API_CALL") is LogLevel.INFO
    assert level_of_prefix("SECURITY_AUDIT") is None


@pytest.mark.parametrize(
    "line",
    [
        "an ERROR in the middle",
        "error while reading",
        "errors: 3",
        "ERRORS happened",
        "2026-03-14 09:26:53 the ERROR was found",
        "2026-03-14 09:26:53 - shop - no ERROR here",
        '203.0.113.9 - - [14/Mar/2026:09:26:53 +0000] "GET /ERROR HTTP/1.1" 500 1',
        '{"message": "ERROR level=error"}',
        '{"level": "unheard of", "message": "CRITICAL"}',
        "level",
    ],
)
def test_a_word_elsewhere_is_no_level(line: str) -> None:
    assert record_of(line).level is None


@pytest.mark.parametrize(
    ("line", "level", "logger", "message"),
    [
        ("2026-03-14 09:26:53,123 - a b - ERROR - x - y", "error", "a b", "x - y"),
        ("2026-03-14 09:26:53,123 - WARNING - x", "warn", "", "x"),
        ("2026-03-14 09:26:53 ERROR x y", "error", "", "x y"),
        ("[2026-03-14 09:26:53 +0000] [7] [INFO] Booting worker", "info", "", "Booting worker"),
        ("[2026-03-14 09:26:53,1: ERROR/MainProcess] boom", "error", "MainProcess", "boom"),
        ("[2026-03-14 09:26:53] [ERROR] x", "error", "", "x"),
        ("2026-03-14 09:26:53 [error    ] failed  [shop.db] a=1", "error", "shop.db", "failed"),
        ("2026-03-14 09:26:53.4 | SUCCESS  | shop.db:run:7 - done", "info", "shop.db", "done"),
        ("2026-03-14 09:26:53.1 UTC [7] FATAL:  no such role", "critical", "", "no such role"),
        ("2026-03-14 09:26:53.1 UTC [7] LOG:  ready", "info", "", "ready"),
        ("INFO:shop.db:connected", "info", "shop.db", "connected"),
        ("[ERROR] no such key", "error", "", "no such key"),
        ("Error: no such key", "error", "", "no such key"),
        ("WARN no such key", "warn", "", "no such key"),
        ("time=2026-03-14T09:26:53Z level=warn msg=\"slow scrape\" n=3", "warn", "", "slow scrape"),
        ("{'level': 'ERROR', 'event': 'x', 'n': (1, None, True)}", "error", "", "x"),
        ("DEBUG", "debug", "", ""),
    ],
)  # fmt: skip
def test_headers(line: str, level: str, logger: str, message: str) -> None:
    record = record_of(line)
    assert record.level is not None
    assert (record.level.word, record.logger, record.message) == (level, logger, message)


def test_a_name_beside_the_level_is_believed_when_the_log_bears_it_out() -> None:
    log = b"".join(
        b"2026-03-14 09:26:5%d INFO %s message %d\n" % (n % 10, name, n)
        for n in range(8)
        for name in (b"proxy", b"httpx")
    )
    assert {record.logger for record in records_in(log)} == {"proxy", "httpx"}
    prose = b"2026-03-14 09:26:53 INFO every word differs\n2026-03-14 09:26:54 INFO here too\n"
    assert {record.logger for record in records_in(prose)} == {""}
    before = log.replace(b"INFO proxy", b"proxy INFO").replace(b"INFO httpx", b"httpx INFO")
    assert {record.logger for record in records_in(before)} == {"proxy", "httpx"}
