"""Names of log files tell a day, a number and a packing, and nothing that they do not say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.logs.keeping.names import origins, parse_log_name


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("ai_diy_api_20260314.jsonl", date(2026, 3, 14)),
        ("ai_diy_api_20260305.jsonl.gz", date(2026, 3, 5)),
        ("audit.log.2026-01-01", date(2026, 1, 1)),
        ("audit.log.2026-01-01_13-00-05", date(2026, 1, 1)),
        ("app.log-20260301", date(2026, 3, 1)),
        ("app.2026-03-01_10-11-12_123456.log", date(2026, 3, 1)),
        ("api_20260314_pre_restart.jsonl", date(2026, 3, 14)),
        ("app.log-1773446400.gz", date(2026, 3, 14)),
        ("app.log.1", None),
        ("app_20261399.log", None),
        ("app_20260230.log", None),
        ("order-120260314.log", None),
        ("app.log", None),
    ],
)
def test_the_day_is_read_where_there_is_one(name: str, day: date | None) -> None:
    assert parse_log_name(name).day == day


@pytest.mark.parametrize(
    ("name", "number", "packing"),
    [
        ("app.log.1", 1, ""),
        ("app.log.12.gz", 12, "gz"),
        ("app.3.log", 3, ""),
        ("app.log.xz", None, "xz"),
        ("app.log.ZST", None, "zst"),
        ("app.log", None, ""),
        ("audit.log.2026-01-01", None, ""),
    ],
)
def test_number_and_packing_are_read(name: str, number: int | None, packing: str) -> None:
    found = parse_log_name(name)
    assert (found.number, found.packing) == (number, packing)


@pytest.mark.parametrize(
    ("stem", "origin"),
    [
        ("audit.log.2026-01-01", "audit.log"),
        ("app.log.1", "app.log"),
        ("app.log-20260301", "app.log"),
        ("app-20260301.log", "app.log"),
        ("app.log-1773446400", "app.log"),
        ("app.log.1.old", "app.log"),
        ("api_pre_restart.jsonl", "api.jsonl"),
    ],
)
def test_a_rotated_name_leads_back_to_the_log(stem: str, origin: str) -> None:
    assert origin in origins(stem)


@given(st.text(max_size=255))
def test_any_name_is_taken_apart_without_complaint(name: str) -> None:
    assert parse_log_name(name).stem in name
    assert origins(name)[0] == name
