"""Which records a query matches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.logs.query.fields import FAMILIES
from core.logs.query.highlighting import MAX_SPANS
from core.logs.query.unknown import unknown_fields
from core.model.log import FieldValue, LogLevel
from tests.unit.core.logs.query.records import NOW_S, query, record

Fields = dict[str, FieldValue]

YES: list[tuple[str, Fields]] = [
    ("status=500", {"status": 500}),
    ("status=500", {"status": "500"}),
    ("status=500", {"status_code": 500}),
    ("status=500.0", {"status": 500}),
    ("status=error", {"status": "ERROR"}),
    ("status=401,403", {"status": 403}),
    ("status>=500", {"status": 503}),
    ("status!=200", {"status": 404}),
    ("user=*", {"user": None}),
    ("user!=*", {}),
    ("-user=bob", {}),
    (".user == null", {"user": None}),
    (".user == null", {}),
    ("is_admin=true", {"is_admin": True}),
    ("duration_ms>1000", {"duration_ms": 1000.5}),
    ("duration_ms>1s", {"process_time": 1.5}),
    ("duration_ms>1s", {"duration_ms": 10**400}),
    ("duration_ms>1s", {"elapsed": "1.5s"}),
    ("duration_s>=1.5", {"duration_ms": 1500}),
    ("duration_ms<1", {"duration_us": 999}),
    ("retry_after>=45", {"retry_after": "45"}),
    ("codes=7", {"codes": (5, 6, 7)}),
    ("codes>6", {"codes": (5, 6, 7)}),
    ("ip=203.0.113.0/24", {"client_ip": "203.0.113.9"}),
    ("ip=203.0.113.9", {"client": "203.0.113.9:52401"}),
    ("ip=203.0.113.9", {"details.client_ip": "203.0.113.9"}),
    ("ip=203.0.113.9", {"ip": "::ffff:203.0.113.9"}),
    ("ip=2001:db8::7", {"ip": "2001:0db8:0::7"}),
    ("ip=2001:db8::7", {"ip": "[2001:db8::7]:0"}),
    ("ip=2001:db8::7", {"ip": "2001:db8::7:0"}),
    ("ip=2001:db8::/32", {"ip": "2001:db8::7:0"}),
    ("ip=127.0.0.1,203.0.113.0/24", {"ip": "127.0.0.1"}),
    ("ip!=10.0.0.0/8", {"ip": "203.0.113.9"}),
    ("peer_net=10.0.0.0/8", {"peer_net": "10.1.2.3"}),
    ('path~"^/proxy"', {"path": "/proxy/ok"}),
    ("path~^/PROXY", {"path": "/PROXY/ok"}),
    ("path!~^/proxy", {"path": "/health"}),
    ("path starts /proxy", {"route": "/proxy/ok"}),
    ("path ends .js", {"url": "/a.JS"}),
    ("event contains traversal", {"event": "path_traversal_attempt"}),
    ("details.client_ip=203.0.113.9", {"details.client_ip": "203.0.113.9"}),
    (".a.b == 5", {"a.b": 5}),
]  # fmt: skip

NO: list[tuple[str, Fields]] = [
    ("status=500", {"status": "500 Internal"}),
    ("status>=500", {"status": "error"}),
    ("status>=500", {"status": True}),
    ("status>=500", {"status": float("nan")}),
    ("status>=500", {"status": None}),
    ("status>=500", {}),
    ("status!=200", {}),
    ("status=500", {"status": 404, "status_code": 500}),
    ("path!~^/proxy", {}),
    ("process_time=1", {"duration_ms": 1}),
    ("ip=203.0.113.0/24", {"ip": "203.0.114.9"}),
    ("ip=203.0.113.0/24", {"ip": "2001:db8::7"}),
    ("ip=203.0.113.0/24", {"ip": "unknown"}),
    ("path~^/PROXY", {"path": "/proxy/ok"}),
    ("user=bo", {"user": "bob"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fields"), YES)
def test_it_matches(text: str, fields: Fields) -> None:
    assert query(text).matches(record(fields=fields))


@pytest.mark.parametrize(("text", "fields"), NO)
def test_it_does_not_match(text: str, fields: Fields) -> None:
    assert not query(text).matches(record(fields=fields))


@pytest.mark.parametrize(
    ("text", "line", "matches"),
    [
        ("error", b"an ERROR here", True),
        ("Error", b"an ERROR here", False),
        ("ERROR", b"an ERROR here", True),
        ('"two words"', b"Two Words", True),
        ("/err(or)?s/", b"3 Errors", True),
        ("/^3/", b"first\n3 second", True),
        ("/first.second/", b"first\nsecond", False),
        ("caf\u00e9", b'{"message": "caf\\u00e9"}', True),
        ("CAF\u00c9", "CAF\u00c9".encode(), True),
        ("caf\u00e9", "CAF\u00c9".encode(), True),
        ('"GET /boom"', b"\x1b[1mGET\x1b[0m /boom", True),
        ("k", "\u212a".encode(), False),
        ("/k/", "\u212a".encode(), False),
        ("text starts INFO", b"\x1b[32mINFO\x1b[0m: a", True),
        ("text ends b", b"INFO a b\n", True),
    ],
)
def test_text_is_found_as_people_see_it(text: str, line: bytes, matches: bool) -> None:
    message = "caf\u00e9" if b"\\u" in line else "said"
    assert query(text).matches(record(message, raw=line)) == matches


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("level>=error", "error critical"),
        ("level>error", "critical"),
        ("level=warning", "warn"),
        ("level=err,crit", "error critical"),
        ("level!=info", "trace debug warn error critical"),
        ("level<info", "trace debug"),
        (".level == 40", "error"),
        ("level~^e", "error"),
        ("severity=error", "error"),
    ],
)
def test_levels_are_compared_by_their_order(text: str, levels: str) -> None:
    found = [level.word for level in LogLevel if query(text).matches(record(level=level))]
    assert found == levels.split()
    assert not query(text).matches(record(level=None))


def test_a_record_without_a_time_is_in_no_window() -> None:
    asked = query("since=1h until=10m")
    assert asked.is_in_window(record(time_s=NOW_S - 1200))
    assert not asked.is_in_window(record(time_s=NOW_S - 4000))
    assert not asked.is_in_window(record(time_s=NOW_S - 60))
    assert not asked.is_in_window(record(time_s=None))
    assert query("a").is_in_window(record(time_s=None))


def test_a_time_within_an_alternative_is_asked_of_the_record() -> None:
    asked = query("nothing or since=1h")
    assert asked.matches(record(time_s=NOW_S - 60))
    assert not asked.matches(record(time_s=NOW_S - 7200))
    assert not asked.matches(record(time_s=None))


def test_what_every_record_has_can_be_asked_for() -> None:
    one = record("it happened", logger="ai_diy.security", fields={"message": "it happened"})
    for text in ("message=\"it happened\"", "msg contains happened", "logger=ai_diy.security",
                 "source=demo/app/log", "name starts ai_diy", "format=text"):  # fmt: skip
        assert query(text).matches(one), text


def test_an_exact_name_wins_over_the_records_own() -> None:
    assert query("source=web").matches(record(fields={"source": "web"}))
    assert query("name=bob").matches(record(fields={"name": "bob"}, logger="api"))


def test_and_or_not_group_as_written() -> None:
    expected = {"a b": False, "a or b": True, "a (b or c)": False, "c or a -b": True,
                "!(a b)": True, "not a": False, "a !b": True}  # fmt: skip
    for text, matches in expected.items():
        assert query(text).matches(record("a happening")) == matches, text


@given(st.dictionaries(st.sampled_from([m for f in FAMILIES for m in f.members]),
       st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9),
                 st.tuples(st.integers(), st.text(max_size=3)))))  # fmt: skip
def test_no_value_makes_a_query_fail(fields: Fields) -> None:
    for text in (
        "status>=500",
        "duration_ms<1.5s",
        "duration_s=2",
        "ip=10.0.0.0/8",
        "user=bob",
        "user~b",
        "x -y",
        "path=null",
        "level=info status!=3",
        "client contains 1",
    ):
        query(text).matches(record(fields=fields))


def test_highlights_are_joined_in_order_and_bounded() -> None:
    asked = query('error /r+o/ "404" -gone status=500')
    assert asked.highlights("an ERROR at 404 gone 500") == [(3, 8), (12, 15)]
    assert query("a").highlights("") == []
    assert len(query("a").highlights("a " * 5000)) == MAX_SPANS
    assert query("/x*/").highlights("axxb") == [(1, 3)]
    assert query("caf\u00e9").highlights("\u0130 CAF\u00c9") == [(2, 6)]


def test_a_field_that_no_record_has_is_named_with_the_nearest() -> None:
    asked = query("durration_ms>5 status=500 client_id=3 level=info nothing_like_it=1")
    seen = {"duration_ms", "status_code", "details.client_id", "message"}
    found = unknown_fields(asked.fields, seen)
    assert [(one.name, one.nearest) for one in found] == [
        ("durration_ms", "duration_ms"),
        ("nothing_like_it", None),
    ]
    assert unknown_fields(asked.fields, set()) == ()
    (one,) = unknown_fields(query("reason=x").fields, {"error.reason"})
    assert one.nearest == "error.reason"


def test_a_pathological_expression_is_linear() -> None:
    asked = query("/(a+)+$/")
    assert not asked.matches(record("a" * 50_000 + "b"))
