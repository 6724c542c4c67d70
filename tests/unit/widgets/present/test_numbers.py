"""Figures as people read them: unknown is not zero, and nothing is rounded into a lie."""

import math

import pytest

from widgets.present.numbers import (
    bytes_text,
    count_text,
    cpu_text,
    latency_text,
    percent_text,
    plural,
    rate_text,
    uptime_text,
    value_text,
)

TELLERS = (bytes_text, rate_text, percent_text, cpu_text, uptime_text, latency_text, value_text)


@pytest.mark.parametrize("tell", TELLERS)
def test_what_is_not_known_is_a_dash_and_never_a_zero(tell) -> None:
    assert tell(None) == "–"
    assert tell(0.0) != "–"


def test_an_unknown_count_is_a_dash() -> None:
    assert (count_text(None), count_text(0), count_text(12345)) == ("–", "0", "12,345")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (99.9 * 1024, "99.9 KiB"),
        (99.96 * 1024, "100 KiB"),
        (999.4 * 1024, "999 KiB"),
        (999.6 * 1024, "1.0 MiB"),
        (1024**2, "1.0 MiB"),
        (12.3 * 1024**3, "12.3 GiB"),
        (5000 * 1024**5, "5,000.0 PiB"),
        (-1536, "-1.5 KiB"),
        (math.inf, "–"),
    ],
)
def test_sizes_have_three_figures_and_a_binary_unit(size: float, text: str) -> None:
    assert bytes_text(size) == text


@pytest.mark.parametrize(
    ("percent", "text"),
    [
        (0, "0%"),
        (0.01, "<1%"),
        (0.5, "<1%"),
        (42.4, "42%"),
        (99.4, ">99%"),
        (99, "99%"),
        (1, "1%"),
        (99.99, ">99%"),
        (100, "100%"),
        (230, "230%"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(percent: float, text: str) -> None:
    assert percent_text(percent) == text


@pytest.mark.parametrize(
    ("percent", "text"),
    [(100, "100%"), (99.99, "99.9%"), (99.95, "99.9%"), (99.0, "99.0%"), (0, "0%"), (0.04, "0.0%")],
)
def test_uptime_is_whole_only_when_every_probe_was_good(percent: float, text: str) -> None:
    assert uptime_text(percent) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0008, "0.8 ms"),
        (0.0084, "8.4 ms"),
        (0.00996, "10 ms"),
        (0.084, "84 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (1.24, "1.2 s"),
        (9.96, "10 s"),
        (75, "75 s"),
    ],
)
def test_latencies_change_unit_without_a_jump(seconds: float, text: str) -> None:
    assert latency_text(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234, "1,234"),
        (999_999, "999,999"),
        (1_250_000, "1.25 M"),
        (2.5e9, "2.50 G"),
        (0.25, "0.25"),
        (1234.5678, "1,234.6"),
        (0.00001234, "1.2e-05"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (1e18, "1.00e+18"),
    ],
)
def test_any_metric_value_fits_a_narrow_column(value: float, text: str) -> None:
    assert value_text(value) == text
    assert len(text) <= 9


def test_one_is_not_plural() -> None:
    assert plural(1, "service") == "1 service"
    assert plural(0, "service") == "0 services"
    assert plural(2, "entry", "entries") == "2 entries"
