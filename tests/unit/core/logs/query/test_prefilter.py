"""The prefilter misses nothing: what matches shows one of its patterns in its bytes."""

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.logs.query.number_bytes import number_pattern, three_digits
from core.logs.query.prefilter import Prefilter
from core.model.log import FieldValue, LogRecord
from tests.unit.core.logs.query.records import fixture_paths, parsed, query

Shape = Callable[[str, str, int, float], bytes]


def is_candidate(prefilter: Prefilter | None, raw: bytes) -> bool:
    if prefilter is None:
        return True
    flags = re.IGNORECASE if prefilter.ignore_case else 0
    return any(re.search(pattern, raw, flags) for pattern in prefilter.patterns)


def check(text: str, record: LogRecord, *, must_match: bool = False) -> None:
    asked = query(text)
    matches = asked.matches(record)
    assert matches or not must_match, f"{text} should match {record.raw[:300]!r}"
    if matches:
        assert is_candidate(asked.prefilter(), record.raw), f"{text} misses {record.raw[:300]!r}"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def questions_of(name: str, value: FieldValue) -> list[str]:
    """Return queries that a record with this field must answer with yes."""
    if not re.fullmatch(r"[A-Za-z_@][\w@-]*(\.[\w@-]+)*", name):
        return []
    if isinstance(value, str):
        asked = [f"{name}={quoted(value)}", f"{name} contains {quoted(value[:9])}"]
        return asked if value else [asked[0]]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [f"{name}={value!r}", f"{name}>={value!r}", f"{name}<={value!r}"]
    if value is None or isinstance(value, bool):
        return [f"{name}={json.dumps(value)}"]
    return []


IS_ANOTHER_THING = {"level", "levelname", "lvl", "log_level", "time", "timestamp", "ts", "asctime"}


@pytest.mark.parametrize("path", fixture_paths(), ids=lambda path: path.name)
def test_every_field_of_every_fixture_is_found_by_its_value(path) -> None:
    for record in parsed(path.read_bytes()):
        for name, value in record.fields.items():
            if name not in IS_ANOTHER_THING and "@timestamp" not in name:
                for text in questions_of(name, value):
                    check(text, record, must_match=True)


@pytest.mark.parametrize("path", fixture_paths(), ids=lambda path: path.name)
def test_every_word_of_every_fixture_is_found_as_text(path) -> None:
    for record in parsed(path.read_bytes()):
        for line in (record.message, *record.details[:40]):
            words = [word for word in line.split() if word != '"']
            for text in (*words[:30], *(" ".join(words[at : at + 3]) for at in range(20))):
                if text:
                    check(quoted(text), record)
                    check(quoted(text.lower()), record)
        is_said = record.message.isascii() and not record.message.startswith("(journald withheld")
        if is_said and record.message.split():
            check(quoted(record.message.split()[0]), record, must_match=True)


@pytest.mark.parametrize("path", fixture_paths(), ids=lambda path: path.name)
def test_every_level_status_and_address_of_every_fixture_is_a_candidate(path) -> None:
    questions = [
        *(f"level{sign}{word}" for sign in ("=", ">=", ">", "<", "!=")
          for word in ("debug", "info", "warn", "error", "critical")),
        "status>=400", "status<300", "status=200,429,500", "status!=200", "ip=203.0.113.0/24",
        "ip=2001:db8::/32", "ip=127.0.0.1", "duration_ms>100", "duration_ms<100", "user=bob",
        'path~"^/proxy"', "path starts /proxy", 'logger~"api|proxy"', "event contains request",
        "/failed|refused/", r"/Errno \d+/", "text starts INFO", "text ends OK",
    ]  # fmt: skip
    for record in parsed(path.read_bytes()):
        for text in questions:
            check(text, record)


def as_json(word: str, name: str, status: int, number: float) -> bytes:
    return json.dumps({"message": word, name: number, "status_code": status, "x": word}).encode()


def as_compact_json(word: str, name: str, status: int, number: float) -> bytes:
    fields = {"message": word, name: number, "status": status}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def as_escaped_slashes(word: str, name: str, status: int, number: float) -> bytes:
    return as_json(word, name, status, number).replace(b"/", b"\\/")


def as_engine_file(word: str, name: str, status: int, number: float) -> bytes:
    inner = as_json(word, name, status, number).decode() + "\n"
    return json.dumps({"log": inner, "stream": "stdout", "time": "2026-03-14T09:26:53Z"}).encode()


def as_python(word: str, name: str, status: int, number: float) -> bytes:
    payload = {"event": word, name: number, "status": status}
    return f"2026-03-14 09:16:53,000 INFO proxy {payload!r}".encode()


def as_prefixed(word: str, name: str, status: int, number: float) -> bytes:
    return b"API_CALL: " + as_json(word, name, status, number)


def as_coloured(word: str, name: str, status: int, number: float) -> bytes:
    return (
        f"2026-03-14 09:26:53 [\x1b[33mwarning  \x1b[0m] \x1b[1m{word}\x1b[0m          "
        f"\x1b[36m{name}\x1b[0m=\x1b[35m{number!r}\x1b[0m "
        f"\x1b[36mstatus\x1b[0m=\x1b[35m{status}\x1b[0m"
    ).encode()


def as_uvicorn(word: str, name: str, status: int, number: float) -> bytes:
    return (
        f'\x1b[32mINFO\x1b[0m:     203.0.113.36:52566 - "\x1b[1mGET /a HTTP/1.1\x1b[0m" '
        f"\x1b[91m{status} Internal\x1b[0m"
    ).encode()


def as_journal(word: str, name: str, status: int, number: float) -> bytes:
    inner = as_json(word, name, status, number)
    fields = {"__REALTIME_TIMESTAMP": "1773480413000005", "_PID": "9", "PRIORITY": "3"}
    return json.dumps({**fields, "MESSAGE": list(inner)}).encode()


def as_utf16(word: str, name: str, status: int, number: float) -> bytes:
    return as_json(word, name, status, number).decode().encode("utf-16-le")


SHAPES = (
    as_json, as_compact_json, as_escaped_slashes, as_engine_file, as_python, as_prefixed,
    as_coloured, as_uvicorn, as_journal, as_utf16,
)  # fmt: skip
NAMES = ("duration_ms", "latency_ms", "process_time", "elapsed", "duration_us", "memory_mb")
words = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab kKsS/\"'\\<>&=:.,-é€😀ß\u212a\t"), st.characters(codec="utf-8")
    ),
    min_size=1,
    max_size=24,
)
numbers = st.one_of(
    st.integers(-10, 20_000),
    st.integers(0, 10**12),
    st.floats(-1e7, 1e7, allow_nan=False),
    st.floats(1e-9, 1e-3),
    st.floats(1e16, 1e30),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SHAPES), words, st.sampled_from(NAMES), st.integers(100, 599), numbers,
       numbers, st.data())  # fmt: skip
def test_what_matches_is_a_candidate_in_every_shape(
    shape: Shape, word: str, name: str, status: int, number: float, bound: float, data
) -> None:
    raw = shape(word, name, status, number)
    if b"\n" in raw or not word.strip():
        return
    begin = data.draw(st.integers(0, len(word) - 1))
    part = word[begin : begin + data.draw(st.integers(1, 12))]
    asked = data.draw(st.sampled_from(NAMES))
    sign = data.draw(st.sampled_from((">", ">=", "<", "<=", "=")))
    texts = [f"{asked}{sign}{bound!r}", f"{asked}{sign}{number!r}", f"status{sign}{status}"]
    texts += [
        quoted(part),
        quoted(part.lower()),
        f"x={quoted(word)}",
        f"message~{quoted(re.escape(part))}",
    ]
    texts += [f"status>=500 {quoted(part)}", f"{texts[0]} or {quoted(part)}"]
    for record in parsed(raw):
        for text in texts:
            check(text, record)


@given(numbers, numbers, st.sampled_from((">", ">=", "<", "<=", "=")))
@settings(max_examples=500, deadline=None)
def test_the_digits_of_a_number_in_the_range_are_found(
    number: float, bound: float, sign: str
) -> None:
    holds = {">": number > bound, ">=": number >= bound, "<": number < bound,
             "<=": number <= bound, "=": number == bound}[sign]  # fmt: skip
    pattern = re.compile(rb"x=(?:%b)" % number_pattern(sign, bound))
    for spelled in (repr(number), f"+{abs(number)!r}", f"{number:e}"):
        if holds and float(spelled) == number:
            assert pattern.search(f"x={spelled}".encode())
            assert pattern.search(f"x={spelled}, y".encode())


def test_numbers_out_of_the_range_are_mostly_left_out() -> None:
    pattern = re.compile(rb"x=(?:%b)" % number_pattern(">", 5000))
    assert not any(pattern.search(b"x=%d," % number) for number in range(4999))
    assert all(pattern.search(b"x=%d," % number) for number in range(5001, 60_000, 7))


def test_a_status_range_is_three_digits() -> None:
    found = query("status>=500").prefilter()
    assert is_candidate(found, b'"GET / HTTP/1.1" 500 Internal')
    assert not is_candidate(found, b'"GET / HTTP/1.1" 404 523')
    assert not is_candidate(found, b'{"status_code": 404, "duration_ms": 523.5}')
    assert is_candidate(query("status>=500").prefilter(is_named=False), b"GET 523 /")
    assert three_digits(">", 1200) == b""


@pytest.mark.parametrize(
    "text", ["", "-word", "user=*", "level>=info", "a or status>500 or -b", "x"]
)
def test_where_nothing_is_sure_there_is_no_prefilter(text: str) -> None:
    assert query(text).prefilter() is None


def test_and_takes_the_most_selective_side() -> None:
    found = query('level>=warn "a very particular sentence" status>=200').prefilter()
    assert found is not None
    assert any(b"particular" in pattern for pattern in found.patterns)
    assert not any(b"crit" in pattern for pattern in found.patterns)


def test_fields_told_by_place_need_their_names_in_no_bytes() -> None:
    assert query("duration_ms>5000").prefilter() is not None
    assert query("duration_ms>5000").prefilter(is_named=False) is None
    assert query("size_bytes>5000").prefilter() is None


def test_the_scanners_engine_takes_every_pattern() -> None:
    hyperscan = pytest.importorskip("hyperscan", reason="not run: no hyperscan here")
    questions = [
        "level>=warn", "level=warn", "level>error", "status>=500", "status<300", "status=200,404",
        "duration_ms>1.5s", "duration_ms<5", "duration_ms=0", "retry_after>1e9", "x<-5",
        'path~"^/proxy/(a|b)"', '"GET /a HTTP/1.1"', '"caf\u00e9 \\\\u00e9 latte"', "ip=10.0.0.0/8",
        "ip=2001:db8::/32", "a=true", "/timed out|refused/",
    ]  # fmt: skip
    for text in questions:
        found = query(text).prefilter()
        assert found is not None, text
        database = hyperscan.Database()
        flags = hyperscan.HS_FLAG_CASELESS if found.ignore_case else 0
        database.compile(
            expressions=list(found.patterns),
            ids=list(range(len(found.patterns))),
            flags=[flags] * len(found.patterns),
        )
        assert all(re.compile(pattern) for pattern in found.patterns)
