"""Durations, sizes and measures read as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.quantities import (
    QuantityError,
    parse_duration,
    parse_measure,
    parse_size,
    render_duration,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("5m", 300),
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("1.5h", 5400),
        ("7d", 604800),
        ("2w", 1209600),
        ("1y", 31536000),
        ("1h 30m", 5400),
        ("0s", 0),
    ],
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["30", "", "s", "5 minutes", "-5s", "1h30", "٣s", "1e3s", "5S", "200y", "9" * 70 + "s"]
)
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        parse_duration(text)


@given(some.integers(min_value=0, max_value=100 * 365 * 86_400_000 - 1))
def test_a_duration_written_is_read_back(milliseconds: int) -> None:
    text = render_duration(milliseconds / 1000)
    assert parse_duration(text) == pytest.approx(milliseconds / 1000)


@pytest.mark.parametrize(
    ("text", "size"),
    [("512MiB", 512 * 1024**2), ("2gb", 2 * 1024**3), ("64k", 65536), ("1.5G", 1610612736)],
)
def test_a_size_is_read_in_bytes_by_powers_of_1024(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["2", "gb", "2 apples", "-1mb", "", "2gbb"])
def test_what_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5%", 0.05, "fraction"),
        ("2000ms", 2, "s"),
        ("10/h", 10 / 3600, "/s"),
        ("0.1/s", 0.1, "/s"),
        ("512MiB", 512 * 1024**2, "bytes"),
        ("100", 100, ""),
        ("5m", 300, "s"),
    ],
)
def test_a_measure_is_brought_to_its_base_unit(text: str, value: float, unit: str) -> None:
    measure = parse_measure(text)
    assert (measure.value, measure.unit, measure.text) == (pytest.approx(value), unit, text)


@given(some.text(max_size=80))
def test_no_text_raises_anything_but_a_quantity_error(text: str) -> None:
    for parse in (parse_duration, parse_size, parse_measure):
        try:
            parse(text)
        except QuantityError:
            continue
