"""The engines agree with each other and with `re`; what one refuses goes to the next."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import QueryError
from core.logs.query.prefilter import Prefilter
from core.logs.query.query import parse_query
from core.logs.scan.finders import (
    EveryLine,
    Finder,
    NoLine,
    RegexFinder,
    finder_of,
    finder_without_hyperscan,
)
from core.logs.scan.hyperscan_finder import HyperscanFinder, HyperscanRefusedError
from tests.unit.core.logs.scan.naive import matching_starts

QUERIES = [
    "duration_ms>5000",
    "status>=500",
    "status=404",
    "duration_ms<=20",
    "level>=warn",
    '"connection refused"',
    "ip=203.0.113.0/24",
    "path~forecast or status=401",
    "/err-[0-9]{4}/",
    "took=7",
]


def generated(text: str) -> Prefilter:
    prefilter = parse_query(text, 0.0).prefilter()
    assert prefilter is not None
    return prefilter


@pytest.mark.parametrize("text", QUERIES)
def test_hyperscan_takes_the_patterns_of_queries(text: str) -> None:
    assert isinstance(finder_of(generated(text)), HyperscanFinder)


PARTS = st.sampled_from(
    [
        *(
            b'"duration_ms": ',
            b"5001.2",
            b"12",
            b'"status": 404',
            b" 500 ",
            b"level=ERROR",
            b"warn",
        ),
        *(
            b"connection refused",
            b"connection  \x1b[1mrefused",
            b"203.0.113.9",
            b"err-1234",
            b"401",
        ),
        *(b"forecast", b"took=7", b"\x00", b"\r", b"\n", b"\n\n", b" ", b",", b"x", b"\xff"),
    ]
)


@given(data=st.lists(PARTS, max_size=40).map(b"".join), text=st.sampled_from(QUERIES))
def test_no_line_is_missed_with_the_patterns_of_queries(data: bytes, text: str) -> None:
    prefilter = generated(text)
    wanted = set(matching_starts(data, prefilter))
    for finder in (finder_of(prefilter), finder_without_hyperscan(prefilter)):
        found = finder.line_starts(data, 0, len(data), 0)
        assert wanted <= set(found)
        assert found == sorted(set(found))


@given(
    literal=st.binary(min_size=1, max_size=6).filter(lambda literal: b"\n" not in literal),
    data=st.binary(max_size=200),
    ignore_case=st.booleans(),
)
def test_any_literal_is_found_by_both_engines_alike(
    literal: bytes, data: bytes, ignore_case: bool
) -> None:
    data = data[:100] + literal.swapcase() + data[100:] + literal
    prefilter = Prefilter((re.escape(literal),), ignore_case)
    wanted = matching_starts(data, prefilter)
    assert HyperscanFinder(prefilter).line_starts(data, 0, len(data), 0) == wanted
    assert RegexFinder(prefilter).line_starts(data, 0, len(data), 0) == wanted


A = Prefilter((b"a",), False)


@pytest.mark.parametrize("finder", [HyperscanFinder(A), RegexFinder(A), EveryLine()])
def test_a_finder_keeps_to_its_range_and_adds_the_base(finder: Finder) -> None:
    assert finder.line_starts(b"a\nab\na\na", 2, 7, 100) == [102, 105]


def test_hyperscan_is_loaded_with_the_first_prefilter_and_not_before() -> None:
    code = "import sys, core.logs.scan.candidates; print('hyperscan' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_prefilter_is_compiled_once() -> None:
    assert finder_of(Prefilter((b"once",), True)) is finder_of(Prefilter((b"once",), True))


def test_without_patterns_nothing_matches_and_without_a_prefilter_everything() -> None:
    assert isinstance(finder_of(Prefilter((), False)), NoLine)
    assert isinstance(finder_of(None), EveryLine)


@pytest.mark.parametrize("pattern", [rb"(a)\1", rb"x{40000}", rb"(?=a)b", b"("])
def test_what_hyperscan_refuses_lets_every_line_through(pattern: bytes) -> None:
    prefilter = Prefilter((pattern, b"b"), False)
    with pytest.raises(HyperscanRefusedError):
        HyperscanFinder(prefilter)
    assert isinstance(finder_of(prefilter), EveryLine)


def test_where_hyperscan_is_not_installed_the_standard_library_searches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    tame, wild = Prefilter((rb"only [0-9]{3} here",), False), Prefilter((rb"(?:x+)+here",), False)
    assert isinstance(finder_of(tame), RegexFinder)
    assert isinstance(finder_of(wild), EveryLine)


@given(st.text(max_size=40))
def test_any_query_has_a_finder(text: str) -> None:
    try:
        prefilter = parse_query(text, 0.0).prefilter()
    except QueryError:
        return
    assert finder_of(prefilter).line_starts(b"one\ntwo", 0, 7, 0) in ([], [0], [4], [0, 4])
