"""Every fixture reads as its manifest says; the expected figures come out of the records."""

import statistics
from collections import Counter
from pathlib import Path

import pytest

from core.logs.parse.continuation import split
from core.model.log import LogLevel, LogPosition, LogRecord, TimeBasis
from core.model.text import clean
from tests.unit.core.logs.parse.corpus import (
    LOGS,
    REFERENCE_S,
    at_least,
    levels,
    parser_for,
    records_in,
    records_of,
)

FILES = sorted(path for path in LOGS.rglob("*") if path.is_file() and path.suffix != ".gz")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LOGS)))
def test_nothing_is_lost_and_nothing_unsafe_is_shown(path: Path) -> None:
    data = path.read_bytes()
    parser = parser_for(data)
    spans = split(data)
    assert b"".join(data[begin:end] for begin, end in spans) == data
    for begin, end in spans:
        record = parser.parse("log", LogPosition(0, begin), data[begin:end])
        assert record.raw == data[begin:end]
        for text in (record.message, record.logger, *record.details, *record.fields):
            assert text == clean(text)


def test_the_api_log_of_000() -> None:
    records = records_of("000_api.log")
    status = Counter(record.fields["status"] for record in records if "status" in record.fields)
    assert status == {403: 4, 200: 25, 401: 6, 422: 5, 500: 2, 404: 1}
    assert len(at_least(records, LogLevel.ERROR)) == 3
    tracebacks = [r for r in records if any(d.startswith("Traceback") for d in r.details)]
    assert len(tracebacks) == 3
    assert all(record.level is LogLevel.ERROR for record in tracebacks)
    assert status[401] + status[403] == 10


def test_coloured_uvicorn() -> None:
    records = records_of("000_uvicorn_ansi.log")
    assert Counter(record.fields.get("status") for record in records)[401] == 1
    assert Counter(record.fields.get("status") for record in records)[500] == 1
    (error,) = at_least(records, LogLevel.ERROR)
    assert error.message == "Exception in ASGI application"
    assert error.details[-1] == "RuntimeError: decision engine failed"


def test_a_port_in_use() -> None:
    (error,) = at_least(records_of("000_port_in_use.log"), LogLevel.ERROR)
    assert error.message.startswith("[Errno 98] error while attempting to bind")


@pytest.mark.parametrize(
    "name", ["001/ai_diy_api_20260314.jsonl", "001_pure/ai_diy_api_20260314.jsonl"]
)
def test_both_shapes_of_001_say_the_same(name: str) -> None:
    records = records_of(name)
    calls = [record for record in records if "duration_ms" in record.fields]
    durations = [number(record, "duration_ms") for record in calls]
    security = [record for record in records if record not in calls]
    assert len(calls) == 60
    assert sum(record.fields["status"] == "error" for record in calls) == 4
    assert len(at_least(calls, LogLevel.ERROR)) == 4
    assert sum(duration > 1000 for duration in durations) == 3
    assert sum(duration > 5000 for duration in durations) == 2
    assert max(durations) == 8850
    assert statistics.fmean(durations) == pytest.approx(493.983, abs=0.001)
    assert len(security) == 13
    events = Counter(str(record.fields["event"]) for record in security)
    assert events["rate_limit_exceeded"] == 9
    clients = Counter(
        record.fields["details.client_ip"]
        for record in security
        if record.fields["event"] == "path_traversal_attempt"
    )
    assert clients == {"203.0.113.36": 3, "203.0.113.218": 1}
    assert Counter(levels(records)) == {"info": 56, "warn": 9, "error": 8}
    assert all(record.time_s is not None for record in records)


def number(record: LogRecord, name: str) -> float:
    value = record.fields[name]
    assert isinstance(value, int | float)
    return value


def test_yesterday_is_not_the_last_hour() -> None:
    (record,) = records_of("001/ai_diy_api_20260313.jsonl")
    assert record.time_s == pytest.approx(REFERENCE_S - 25 * 3600)
    (old,) = records_of("001/ai_diy_api_20260305.jsonl.gz")
    assert old.fields["prefix"] == "API_CALL"
    assert old.time_s is None


def test_the_console_form_of_001() -> None:
    records = records_of("001_console_dup.log")
    assert levels(records) == ["info"] * 4 + ["error"]
    assert records[0].logger == "ai_diy.api"
    assert records[0].fields["duration_ms"] == 12
    assert records[-1].fields["details.client_ip"] == "203.0.113.36"


def test_command_outputs_of_001() -> None:
    (crash,) = records_of("001/startup_fail.txt")
    assert crash.level is LogLevel.ERROR
    assert crash.details[-1].startswith("ImportError: ")
    assert at_least(records_of("001/validate_ok.txt"), LogLevel.DEBUG) == []
    (error,) = at_least(records_of("001/validate_missing_env.txt"), LogLevel.DEBUG)
    assert error.logger == "config_manager"


def test_logs_of_002() -> None:
    assert levels(records_of("002_manager_plain.log")) == [None] * 8 + ["error"] * 2 + [None]
    assert levels(records_of("002_manager_json.log")) == ["info", "info", "info", "error", "warn"]
    app = records_of("002_app.log")
    assert levels(app) == ["error", "info", "error", "critical", "warn", None, None]
    assert app[0].fields["prefix"] == "RUN_STATE"
    assert app[0].fields["event_type"] == "run.failed"
    assert app[2].message == "🚨 UNCAUGHT ERROR in BootLogMiddleware:"
    assert len(app[2].details) == 13


def test_the_gateway_of_003_writes_python_dictionaries() -> None:
    records = records_of("003_gateway.log")
    events = Counter(record.fields.get("event") for record in records)
    assert events["incoming_request"] == 30
    assert events["rate_limit_block"] == 3
    assert events["circuit_open_block"] == 3
    assert events["upstream_error"] == 3
    changes = [r.fields["new_state"] for r in records if "new_state" in r.fields]
    assert changes == ["OPEN", "HALF_OPEN", "OPEN", "HALF_OPEN", "CLOSED"]
    assert {record.logger for record in records} >= {"proxy", "httpx"}


def test_compose_prefixes() -> None:
    old = records_of("003_compose_v1_logs.txt")
    services = [record.fields["transport.service"] for record in old]
    assert services == ["proxy-service", "upstream-service", "redis", "proxy-service"]
    assert levels(old) == ["info", None, "info", "error"]
    assert len(old[-1].details) == 3
    assert old[-1].details[-1].startswith("redis.exceptions.ConnectionError: ")
    new = records_of("003_compose_v2_logs.txt")
    assert [record.logger for record in new] == ["proxy", "httpx", ""]


def test_remarks_of_a_carrier_hide_no_line_of_a_log() -> None:
    data = b"Attaching to api\napi  | INFO a\napi exited with code 1\n"
    assert [record.message for record in records_in(data)] == ["a"]
    followed = b"Attaching to api\n  said by nobody\napi  | INFO a\n"
    assert [record.details for record in records_in(followed)] == [("  said by nobody",), ()]
    plain = b"INFO a\nAttaching to api\n"
    assert [record.message for record in records_in(plain)] == ["a", "Attaching to api"]


def test_the_engines_files() -> None:
    first, second, third = records_of("docker_json_file.log")
    assert first.fields["event"] == "incoming_request"
    assert first.fields["transport.stream"] == "stdout"
    assert (second.level, second.message) == (LogLevel.ERROR, "boom")
    assert second.time_basis is TimeBasis.TRANSPORT
    assert third.message == "partial line without newline"


def test_journald_json() -> None:
    records = records_of("journald.json")
    assert levels(records) == ["info", "error", "info", "warn", "info", None]
    assert all(record.time_s == REFERENCE_S + 5e-6 for record in records)
    assert all(record.time_basis is TimeBasis.TRANSPORT for record in records)
    assert records[2].message == "caf\\ufffd red"
    assert "withheld" in records[3].message
    assert records[3].fields["transport.MESSAGE"] is None
    assert (records[4].message, records[4].details) == ("first", ("second",))
    assert records[0].fields["transport._SYSTEMD_UNIT"] == "ai-diy.service"


def test_journald_short() -> None:
    records = records_of("journald_short.txt")
    assert [record.time_s for record in records] == [REFERENCE_S] * 3
    assert [record.time_basis for record in records] == [TimeBasis.NAIVE] * 3
    assert records[0].fields["status"] == 200
    assert records[1].fields["transport.identifier"] == "systemd"
    (iso,) = records_of("journald_short_iso.txt")
    assert (iso.time_s, iso.time_basis) == (REFERENCE_S, TimeBasis.TRANSPORT)


def test_redis() -> None:
    records = records_of("redis-server.log")
    assert Counter(levels(records)) == {"warn": 3, "info": 3, "debug": 1, None: 1}
    assert records[-1].time_s == REFERENCE_S
    assert records[0].fields == {"pid": 1, "role": "C"}


def test_nginx() -> None:
    records = records_of("nginx_access.log")
    assert [record.fields["status"] for record in records] == [429, 200, 400]
    assert records[1].fields["user"] == "bob"
    assert records[1].fields["query"] == "x=%22"
    assert {record.time_s for record in records} == {REFERENCE_S}


def test_logs_of_004() -> None:
    development = records_of("004/app.log")
    assert levels(development) == ["info", "info", "warn", "error", "error"]
    assert len(development[3].details) == 13
    production = records_of("004_prod/app.log")
    errors = at_least(production, LogLevel.ERROR)
    assert len(errors) == 10
    last_hour = [r for r in errors if r.time_s is not None and r.time_s >= REFERENCE_S - 3600]
    assert len(last_hour) == 3
    assert all("Traceback (most recent call last):" in record.details for record in errors)
    users = Counter(record.fields.get("user_id") for record in production)
    assert users["0f8fad5b-d9cb-469f-a165-70867728950e"] == 17
    assert len(at_least(records_of("004_prod/error.log"), LogLevel.ERROR)) == 10
    (audit,) = records_of("004_prod/audit.log")
    assert audit.fields["resource_id"] is None
    assert audit.fields["event_type"] == "api_key_creation"


def test_nasty_levels() -> None:
    words = [level for level in levels(records_of("nasty/false_errors.log")) if level != "info"]
    assert words == ["debug", "error", "critical"]
    assert Counter(levels(records_of("nasty/structlog_loguru.log"))) == {
        "error": 4,
        "warn": 2,
        "critical": 1,
    }
    assert levels(records_of("nasty/partial_json.jsonl")) == ["info", None, "error"] + [None] * 4
    assert levels(records_of("nasty/no_newline.log")) == ["error"]
    assert records_of("nasty/empty.log") == []


def test_nasty_bytes() -> None:
    broken = records_of("nasty/invalid_utf8.log")
    assert levels(broken) == ["error", "info", None]
    assert broken[0].message == r"bad bytes \ufffd\ufffd\ufffd caf\ufffd end"
    wide = records_of("nasty/utf16_bom.log")
    assert [(record.level, record.message) for record in wide] == [(LogLevel.ERROR, "wide")]
    nul, controls, bidi = records_of("nasty/nul_ctrl.log")
    assert nul.message == "a␀b␇␈␌c"
    assert controls.message.startswith("␛]0;owned␇title ␛]52;c;")
    assert bidi.message == r"rtl \u202e txt"
    assert [r.message for r in records_of("nasty/crlf.log")] == [
        "one",
        "two",
        "progress 10%␍progress 100%",
    ]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_wide_lines_that_are_cut_inside_a_line_feed(codec: str) -> None:
    mark = "\ufeff"
    text = f"{mark}INFO Καλημέρα κόσμε\nERROR Ωμέγα\nTraceback (most recent call last):\n"
    text += "  File Ω\nWARN ок\n"
    data = text.encode(codec)
    records = records_in(data)
    assert levels(records) == ["info", "error", "warn"]
    assert [record.message for record in records] == ["Καλημέρα κόσμε", "Ωμέγα", "ок"]
    assert records[1].details == ("Traceback (most recent call last):", "  File Ω")
    assert b"".join(record.raw for record in records) == data
    assert parser_for(data).is_transcoded


def test_bytes_like_a_mark_alone_do_not_make_a_log_wide() -> None:
    records = records_in(b"\xff\xfe broken\nERROR x\n")
    assert levels(records) == [None, "error"]


def test_nasty_times() -> None:
    records = records_of("nasty/mixed_time.log")
    zoned, naive = TimeBasis.ZONED, TimeBasis.NAIVE
    now = REFERENCE_S - 5
    assert [(record.time_s, record.time_basis) for record in records[:5]] == [
        (now, zoned),
        (now, zoned),
        (now, zoned),
        (now, zoned),
        (now, naive),
    ]
    assert (records[5].time_s, records[5].time_basis) == (1_738_920_413.0, naive)
    assert (records[6].time_s, records[6].time_basis) == (4_070_908_800.0, zoned)
    assert (records[7].time_s, records[7].time_basis) == (None, TimeBasis.NONE)
    assert levels(records) == ["info"] * 7 + [None]


def test_a_line_of_a_megabyte_is_one_error_and_is_shown_cut() -> None:
    long = b'INFO start\n{"level":"ERROR","message":"' + b"A" * (1 << 20) + b'"}\nINFO end\n'
    first, second, third = records_in(long)
    assert (first.level, third.level) == (LogLevel.INFO, LogLevel.INFO)
    assert second.level is LogLevel.ERROR
    assert len(second.message) < 9000
    assert second.message.endswith("(1048576 characters)")
    assert len(second.raw) > 1 << 20
