"""What may be written, what it means, and how the rest is refused."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import QueryError
from core.logs.query.grammar import MAX_CHARS, MAX_DEPTH
from core.logs.query.query import parse_query
from core.logs.query.tree import And, Contains, Not, Or
from tests.unit.core.logs.query.records import NOW_S, query

WHOLE = (
    'level>=warn status>=500 path~"^/proxy" duration_ms>1000 ip=203.0.113.0/24 "literal text"'
    " /regex/ -not this since=1h"
)

SAME = [
    ("a b", "a and b"),
    ("a b", "a && b"),
    ("a b", "a AND b"),
    ("a or b c", "a or (b c)"),
    ("a || b", "a or b"),
    ("!a", "-a"),
    ("!a", "not a"),
    ("! a", "NOT a"),
    ("status>=500", "status >= 500"),
    ("status=500", ".status == 500"),
    ("status=401,403", "status in (401, 403)"),
    ("status=401,403", 'status in ("401","403")'),
    ("duration_ms>1500", "duration_ms>1.5s"),
    ("duration_s>90", "duration_s>1m30s"),
    ("process_time>2", "process_time>2000ms"),
    ("memory_mb>512", "memory_mb>512MiB"),
    ("memory_mb>512", "memory_mb>0.5GB"),
    ("size_bytes>10485760", "size_bytes>10MB"),
    ("level=warn", "level=WARNING"),
    ("level=critical", "level=fatal"),
    ("level>=error", ".level >= 40"),
    ("level=error", '.level == "ERROR"'),
    ("level=error", "select(.level == \"ERROR\")"),
    ("status>=500 a.b=c", 'select(.status >= 500 and .a.b == "c")'),
    ("status>=500 user=*", "select(.status >= 500) | select(.user)"),
    ("path~^/a", '.path | test("^/a")'),
    ("path contains /a", '.path | contains("/a")'),
    ("path starts /a", '.path | startswith("/a")'),
    ("path ends .js", '.path | endswith(".js")'),
    ('x=*', '.["x"]'),
    ("text contains word", "word"),
    ("text~/a.b/", "/a.b/"),
    ("since=1h", "since=2026-03-14T08:26:53Z"),
    ("since=1h", "since=1773476813"),
    ("since=1h", "since=1773476813000"),
    ("since=1h", "since=2026-03-14T13:56:53+05:30"),
    ("since=09:00", "since=2026-03-14T09:00"),
    ("since=09:30", "since=2026-03-13T09:30Z"),
    ("since=today", "since=2026-03-14"),
    ("since=yesterday", "since=2026-03-13"),
    ("until=10m", 'until="2026-03-14 09:16:53"'),
    ("since=1h", "time>=1h"),
    ("/a/", "/a/i"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_is_said_in_several_ways(one: str, other: str) -> None:
    assert query(one) == query(other)


def test_the_query_of_the_guide_is_understood() -> None:
    asked = query(WHOLE)
    assert isinstance(asked.tree, And)
    assert len(asked.tree.parts) == 9
    assert asked.since_s == NOW_S - 3600
    assert asked.fields == ("status", "path", "duration_ms", "ip")


@pytest.mark.parametrize(
    ("text", "word"),
    [("/proxy/ok", "/proxy/ok"), ("/proxy", "/proxy"), ("Error:", "Error:"), ("4030.0", "4030.0"),
     ("203.0.113.36:52401", "203.0.113.36:52401"), ("user@host", "user@host"),
     ('"a \\" b"', 'a " b'),
     ("'it is'", "it is"), ('"C:\\dir"', "C:\\dir"), ("order", "order"), ("android", "android"),
     ("café", "café")],
)  # fmt: skip
def test_a_word_or_quoted_text_is_text(text: str, word: str) -> None:
    tree = query(text).tree
    assert isinstance(tree, Contains)
    assert tree.literal == word


def test_a_dash_makes_a_keyword_a_word() -> None:
    assert query("-not").tree == Not(Contains("not", False))


def test_a_window_is_taken_out_only_where_it_must_hold() -> None:
    assert query("a since=1h").since_s == NOW_S - 3600
    assert query("since=2h since=1h").since_s == NOW_S - 3600
    assert query("since=1h").tree is None
    either = query("a or since=1h")
    assert either.since_s is None
    assert isinstance(either.tree, Or)
    assert query("!since=1h").since_s is None


REFUSED = [
    ("status=", 7, "no value"),
    ("status= ", 8, "no value"),
    ("(a", 0, "never closed"),
    ("a)", 1, "never opened"),
    ("()", 0, "nothing inside"),
    ('a "b', 2, "never closed"),
    ('""', 0, "nothing inside the quotes"),
    ("a |b", 2, "single |"),
    ("a or", 4, "missing"),
    ("or a", 0, "nothing before or"),
    ("not", 3, "missing"),
    ("- a", 0, "nothing to exclude"),
    ("level>=loud", 7, "no level"),
    ("since=soon", 6, "not a time"),
    ("since=25:00", 6, "not a time"),
    ("since>1h", 6, "since takes ="),
    ("time=1h", 5, "is a moment"),
    ("user>bob", 5, "compares numbers"),
    ("severity>=error", 10, "not the level"),
    ("http://x?a=b", 10, "no field"),
    ("=5", 0, "no field"),
    ("path=/a/*", 8, "not a wildcard"),
    ("matches(email)", 0, "no function"),
    ("status in (1, 2", 10, "never closed"),
    (".a | keys", 5, "not known here"),
    ("/a(?=b)/", 2, "invalid perl operator"),
    (r"/(a)\1/", 4, "invalid escape"),
    ('path~"x(?<!y)"', 7, "invalid perl operator"),
    ("path~a)b(", 6, "never opened"),
    ('path~"a)b("', 7, "unexpected )"),
    ("path~[z-a]", 6, "range"),
    ("/a**/", 2, "repetition"),
    ("/x{2000}/", 2, "repetition size"),
    ("/(x{999}){999}/", 3, "repetition size"),
]


@pytest.mark.parametrize(("text", "at_char", "problem"), REFUSED)
def test_a_refusal_points_at_the_character_and_says_what_to_write(
    text: str, at_char: int, problem: str
) -> None:
    with pytest.raises(QueryError) as refused:
        query(text)
    assert problem in refused.value.problem
    assert refused.value.at_char == at_char
    assert refused.value.remedy
    assert refused.value.text == text


def test_lookaround_is_refused_with_what_to_write_instead() -> None:
    with pytest.raises(QueryError, match="add a second term"):
        query("/a(?!b)/")


def test_depth_and_length_are_bounded() -> None:
    assert query("(" * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1)).tree == Contains("a", False)
    for text in ("(" * 3000, "!" * 3000, "not " * 900, "-" * 3000, "select(" * 500):
        with pytest.raises(QueryError, match="nested deeper"):
            query(text)
    with pytest.raises(QueryError, match="longer than"):
        query("a " * MAX_CHARS)
    assert len(query("a " * (MAX_CHARS // 2 - 1)).fields) == 0


ROOT = Path(__file__).parents[5]


FILTER = re.compile(r'\bfilter: (?:"([^"]*)"|([^,}]+))')


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config/profiles").glob("*.yaml")), ids=lambda path: path.stem
)
def test_the_filters_of_the_profiles_are_queries(path: Path) -> None:
    for match in FILTER.finditer(path.read_text(encoding="utf-8")):
        text = match[1] or match[2]
        if text.startswith("matches("):
            continue  # personal data is looked for by housekeeping, which knows its shapes
        assert query(text).tree is not None


def test_the_engine_of_expressions_is_loaded_when_there_is_one() -> None:
    code = (
        "import sys; from core.logs.query.query import parse_query\n"
        "parse_query('level>=warn \"a b\" ip=10.0.0.0/8', 0.0); assert 're2' not in sys.modules\n"
        "parse_query('/a/', 0.0); assert 're2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


PIECES = [
    "level", ">=", "warn", "status", "=", "500", "(", ")", "or", "and", "not", "-", "!", '"', "'",
    "/", "\\", "~", "!~", "in", "contains", "select", "|", "||", ".", ".a.b", "since", "1h", "*",
    ",", "203.0.113.0/24", "[", "]", "{", "}", "(?i)", "(?=", " ", "time", "null", "\udc80", "\x00",
    "²", "٣", "1e400", "9999999999999", "0001-01-01", "9999-12-31T23:59:59-14:00", "::", "x" * 80,
]  # fmt: skip


def accepts_or_refuses(text: str) -> None:
    refused = None
    try:
        asked = parse_query(text, NOW_S)
    except QueryError as error:
        refused = error
    if refused is not None:
        assert 0 <= refused.at_char <= len(text)
        assert refused.problem
        return
    asked.prefilter()
    asked.highlights("INFO a status=500 warn")


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    accepts_or_refuses(text)


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_mixture_of_the_language_is_a_query_or_a_query_error(text: str) -> None:
    accepts_or_refuses(text)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from([WHOLE, *(text for pair in SAME for text in pair)]),
    st.integers(0, 120),
    st.integers(0, 3),
    st.text(max_size=3),
)
def test_a_damaged_query_is_a_query_or_a_query_error(
    text: str, at: int, dropped: int, added: str
) -> None:
    accepts_or_refuses(text[:at] + added + text[at + dropped :])
