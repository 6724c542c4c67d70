"""The doctor's words and exit code."""

import pytest

from cli.doctor import as_document, as_lines, exit_code
from core.model.finding import Finding
from core.model.text import clean
from core.model.verdict import Verdict

WELL = Finding("shop", clean("redis"), Verdict.OK, clean("answers"))
DENIED = Finding(
    "host", clean("docker socket"), Verdict.DEGRADED, clean("no right"), clean("join the group")
)


def test_findings_stand_by_area_with_the_remedy_under_each() -> None:
    assert as_lines([WELL, DENIED], is_colour=False) == [
        "shop",
        "  ● ok  redis  answers",
        "",
        "host",
        "  ▲ degraded  docker socket  no right",
        "      → join the group",
    ]


@pytest.mark.parametrize(
    ("verdict", "code"),
    [(Verdict.OK, 0), (Verdict.UNKNOWN, 0), (Verdict.DEGRADED, 1), (Verdict.DOWN, 1)],
)
def test_a_need_that_is_not_met_exits_1(verdict: Verdict, code: int) -> None:
    assert exit_code([WELL, Finding("host", clean("x"), verdict, clean("y"))]) == code


def test_json_has_a_remedy_or_null() -> None:
    document = as_document([WELL, DENIED])
    assert document["verdict"] == "degraded"
    assert document["findings"] == [
        {"area": "shop", "subject": "redis", "verdict": "ok", "text": "answers", "remedy": None},
        {
            "area": "host",
            "subject": "docker socket",
            "verdict": "degraded",
            "text": "no right",
            "remedy": "join the group",
        },
    ]
