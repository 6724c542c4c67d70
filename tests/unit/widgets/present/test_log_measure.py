"""Percentiles as lines: every figure with its unit, what they are of, and why there are none."""

from dataclasses import replace

import pytest

from core.model.log import LogLevel
from core.model.log_view import LogCount, LogMeasure
from core.model.text import clean
from tests.unit.widgets.present.log_values import text_of
from widgets.present.fitting import width_of
from widgets.present.log_measure import measure_lines
from widgets.present.log_progress import progress_text

SHARES = ((0.5, 458.0), (0.9, 825.0), (0.95, 871.0), (0.99, 894.25))
FOUND = LogMeasure("duration_ms", "ms", 2088, 95, 8.0, 447.5, 1_250_000.0, SHARES, is_complete=True)
COUNT = LogCount(2183, ((LogLevel.ERROR, 30), (LogLevel.CRITICAL, 1), (None, 2152)))


def texts(measure: LogMeasure = FOUND, count: LogCount = COUNT, width: int = 100) -> list[str]:
    return [text_of(line) for line in measure_lines(measure, count, (), width)]


def test_each_figure_stands_below_its_name_with_its_unit() -> None:
    _heading, names, figures, _of = texts()
    assert names.split() == ["records", "min", "average", "p50", "p90", "p95", "p99", "max"]
    told = ["2,088", "8 ms", "447.5 ms", "458 ms", "825 ms", "871 ms", "894.2 ms", "1.25 M ms"]
    assert [one.strip() for one in figures.split("  ") if one.strip()] == told
    for name, figure in zip(names.split(), told, strict=True):
        assert names.index(name) + len(name) == figures.index(figure) + len(figure)


def test_the_share_of_errors_is_exact_and_says_of_what() -> None:
    assert "errors 31 of 2,183 (1.42%)  95 without a number" in texts()[-1]
    assert "errors 0 of 0" in texts(count=LogCount())[-1]


def test_what_the_figures_are_not_is_said() -> None:
    assert "±0.5%" in texts(replace(FOUND, relative_error=0.005))[-1]
    part = replace(COUNT, scanned_bytes=16 << 20, total_bytes=64 << 20)
    _heading, _names, figures, of = texts(replace(FOUND, is_complete=False), part, 120)
    assert "≈ 25%: 16.0 MiB of 64.0 MiB, newest first, esc stops it" in of
    assert "errors ≈ 31 of 2,183" in of
    assert figures.count("≈") == 8


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_room(width: int) -> None:
    lines = measure_lines(FOUND, COUNT, (), width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join(map(text_of, lines)).count("p99") == 1


def test_no_figures_are_counted_not_there_or_not_known() -> None:
    nothing = LogMeasure("took_ms", "ms")
    assert texts(nothing)[1].strip() == f"measuring took_ms…  {progress_text(COUNT)}, esc stops it"
    over = replace(nothing, is_complete=True)
    assert texts(over)[1].strip() == "no record has a number in took_ms"
    unknown = (clean("took_ms (did you mean took?)"),)
    lines = measure_lines(over, COUNT, unknown, 100)
    assert text_of(lines[1]).strip() == "no record has took_ms (did you mean took?)"
