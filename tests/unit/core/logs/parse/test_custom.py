"""Formats from the configuration."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.logs.parse.custom import custom
from core.model.log import LogLevel, TimeBasis
from tests.unit.core.logs.parse.corpus import REFERENCE_S, records_in

LINE = b"14.03.2026 09:26:53 <W> billing took=12.5 code=0042 id=7 slow answer\n"
PATTERN = (
    r"(?P<time>\S+ \S+) <\w> (?P<logger>\w+) "
    r"took=(?P<took_ms>\S+) code=(?P<code>\S+) id=(?P<id>\d+) (?P<message>.*)"
)


def test_named_groups_become_what_they_are_called() -> None:
    billing = custom("billing", PATTERN, "%d.%m.%Y %H:%M:%S")
    (record,) = records_in(LINE, [billing])
    assert record.format == "billing"
    assert (record.time_s, record.time_basis) == (REFERENCE_S, TimeBasis.NAIVE)
    assert record.message == "slow answer"
    assert record.logger == "billing"
    assert record.fields == {"took_ms": 12.5, "code": "0042", "id": 7}


def test_a_configured_format_comes_before_the_known_ones() -> None:
    shouting = custom("shouting", r"(?P<level>[A-Z]+) (?P<message>.*)!")
    records = records_in(b"ERROR stop!\nERROR go\n", [shouting])
    assert [record.format for record in records] == ["shouting", "level"]
    assert [record.message for record in records] == ["stop", "go"]
    assert [record.level for record in records] == [LogLevel.ERROR, LogLevel.ERROR]


def test_a_configured_format_reads_what_a_carrier_brings() -> None:
    shouting = custom("shouting", r"(?P<level>[A-Z]+) (?P<message>.*)!")
    (record,) = records_in(b'{"log":"ERROR stop!\\n","stream":"stderr"}\n', [shouting])
    assert (record.format, record.message) == ("docker/shouting", "stop")
    assert record.fields == {"transport.stream": "stderr"}


def test_without_a_time_format_every_known_form_is_tried() -> None:
    plain = custom("plain", r"(?P<time>[^|]+)\|(?P<message>.*)")
    times = [
        record.time_s
        for record in records_in(
            b"2026-03-14T09:26:53Z|a\n1773480413|b\nMar 14 09:26:53|c\nnever|d\n", [plain]
        )
    ]
    assert times == [REFERENCE_S, REFERENCE_S, REFERENCE_S, None]


def test_a_time_that_does_not_fit_its_format_is_not_known() -> None:
    odd = custom("odd", r"(?P<time>\S+) (?P<message>.*)", "%Y-%m-%d")
    (record,) = records_in(b"2026-02-31 x\n", [odd])
    assert (record.time_s, record.message) == (None, "x")


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        (r"(?P<message>.*", "character 1: missing )"),
        (r"a(?P<message>[z-a])", "character 15: bad character range z-a"),
        (r"(?P<message>.*)(?P<message>.*)", "redefinition of group name 'message'"),
        (r"\d+ .*", "no named group"),
        (r"(?P<message>(\w+ ?)+)", "repeats a repeat at character 13"),
        (r"(?P<message>((\w+)x)*)", "repeats a repeat at character 13"),
        (r"(?P<message>.*){2,}", "repeats a repeat at character 1"),
    ],
)
def test_a_pattern_that_cannot_serve_is_refused_with_its_place(pattern: str, problem: str) -> None:
    with pytest.raises(ConfigError, match="log format x: the pattern") as refused:
        custom("x", pattern)
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    "pattern",
    [r"(?P<message>(?:\w++ ?)+)", r"(?P<message>(?>\w+ )*)", r"[(+)*]+(?P<message>(?:a|b)+)"],
)
def test_repeats_that_never_go_back_are_accepted(pattern: str) -> None:
    assert custom("x", pattern).name == "x"


def test_a_time_format_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="time format"):
        custom("x", "(?P<time>.*)", "%Y-%Q")


def test_the_example_in_the_documentation_works() -> None:
    text = (Path(__file__).parents[5] / "docs" / "log-formats.md").read_text(encoding="utf-8")
    block = text.split("```")[1]
    written = dict(line.split(":", 1) for line in block.strip().splitlines())
    billing = custom(*(written[name].strip() for name in ("name", "pattern", "time_format")))
    line = text.split("reads `")[1].split("`")[0]
    (record,) = records_in(line.encode(), [billing])
    assert (record.format, record.time_s, record.level) == ("billing", REFERENCE_S, LogLevel.WARN)
    assert record.fields == {"took_ms": 12.5}
