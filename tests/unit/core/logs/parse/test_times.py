"""Times in every form that logs use, and nonsense."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.logs.parse.times import Clockwork
from core.model.log import TimeBasis
from tests.unit.core.logs.parse.corpus import REFERENCE_S

CLOCKWORK = Clockwork(UTC, REFERENCE_S)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-14T09:26:53Z",
        "2026-03-14 09:26:53+0000",
        "2026-03-14T14:56:53+05:30",
        "2026-03-14T04:26:53.000000000-0500",
        "2026-03-14 09:26:53 UTC",
        "2026/03/14 09:26:53 +0000",
        "14/Mar/2026:09:26:53 +0000",
        "1773480413",
        "1773480413.000",
        "1773480413000",
        "1773480413000000",
        "1773480413000000000",
    ],
)
def test_a_time_with_a_zone(text: str) -> None:
    assert CLOCKWORK.when(text) == (REFERENCE_S, TimeBasis.ZONED)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-14 09:26:53,000",
        "2026-03-14T09:26:53",
        "14/Mar/2026 09:26:53",
        "14 Mar 2026 09:26:53",
    ],
)
def test_a_time_without_a_zone_is_labelled(text: str) -> None:
    assert CLOCKWORK.when(text) == (REFERENCE_S, TimeBasis.NAIVE)


def test_a_naive_time_is_read_in_the_zone_that_is_configured() -> None:
    berlin = Clockwork(ZoneInfo("Europe/Berlin"))
    assert berlin.when("2026-03-14 10:26:53") == (REFERENCE_S, TimeBasis.NAIVE)
    assert berlin.when("2026-07-14 11:26:53") == (
        datetime(2026, 7, 14, 9, 26, 53, tzinfo=UTC).timestamp(),
        TimeBasis.NAIVE,
    )
    assert berlin.when("2026-03-14T09:26:53Z") == (REFERENCE_S, TimeBasis.ZONED)


def test_a_time_without_a_year_is_the_latest_before_the_reference() -> None:
    new_year = datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC).timestamp()
    clockwork = Clockwork(UTC, new_year)
    assert clockwork.when_short("Dec 31 23:59:59") == (new_year - 6, TimeBasis.NAIVE)
    assert clockwork.when_short("Jan  1 00:00:01") == (new_year - 4, TimeBasis.NAIVE)
    leap = clockwork.when_short("Feb 29 12:00:00")
    assert leap is not None
    assert datetime.fromtimestamp(leap[0], UTC).year == 2024
    assert clockwork.when_short("Feb 30 12:00:00") is None


def test_without_a_reference_a_time_without_a_year_is_not_known() -> None:
    assert Clockwork().when_short("Mar 14 09:26:53") is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-01 00:00:00",
        "2026-02-30 00:00:00",
        "2026-03-14 25:00:00",
        "2026-03-14 09:26:61",
        "2026-03-14T09:26:53+99:99",
        "99/Xyz/2026:09:26:53",
        "0000-00-00 00:00:00",
        "12",
        "not a time",
        "",
        "٢٠٢٦-٠٣-١٤ ٠٩:٢٦:٥٣",
    ],
)
def test_nonsense_is_no_time(text: str) -> None:
    assert CLOCKWORK.when(text) is None


@pytest.mark.parametrize("value", [None, True, [], {}, float("nan"), float("inf"), -1, 10**400, 5])
def test_a_field_that_is_no_time(value: object) -> None:
    assert CLOCKWORK.when_field(value) is None


MOMENTS = some.datetimes(datetime(1980, 1, 1), datetime(2090, 1, 1))  # noqa: DTZ001


@given(moment=MOMENTS, zone=some.sampled_from(["Z", "+0000", "+05:30", "-0800", ""]))
def test_a_written_time_is_read_back(moment: datetime, zone: str) -> None:
    offset_s = {"+05:30": 19_800, "-0800": -28_800}.get(zone, 0)
    expected = moment.replace(tzinfo=UTC).timestamp() - offset_s
    when = CLOCKWORK.when(f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond:06}{zone}")
    assert when is not None
    assert when[0] == pytest.approx(expected, abs=1e-5)
    assert when[1] is (TimeBasis.ZONED if zone else TimeBasis.NAIVE)


@given(text=some.text(some.characters(codec="utf-8"), max_size=40), value=some.floats())
def test_nothing_raises(text: str, value: float) -> None:
    for clockwork in (CLOCKWORK, Clockwork(UTC, value)):
        clockwork.when(text)
        clockwork.when_short(text)
        clockwork.when_short("Mar 14 09:26:53")
        clockwork.when_field(value)
