"""Whatever the bytes are: nothing raises, nothing is lost, and the direction does not matter."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.logs.parse.continuation import continues, split
from core.logs.parse.parser import detect
from core.model.log import LogLevel, LogPosition
from core.model.text import clean
from tests.unit.core.logs.parse.corpus import LOGS, REFERENCE_S, parser_for, record_of

CORPUS = sorted(
    {
        line
        for path in LOGS.rglob("*")
        if path.is_file() and path.suffix != ".gz"
        for line in path.read_bytes().splitlines(keepends=True)
    }
)
PIECES = some.sampled_from(
    [
        b"\n", b"\r\n", b"\r", b" ", b"\t", b"\0", b"\xff\xfe", b"\x1b[31m", b"|", b"proxy  | ",
        b'{"log":"', b'","stream":"stdout"}', b"{'a': ", b"}", b'{"level":', b'"ERROR"', b"50",
        b"Traceback (most recent call last):", b"OSError: x", b"INFO:     ", b"2026-03-14 09:26:53",
        b",123", b" - ", b" | ", b"[", b"]", b'"GET / HTTP/1.1" 200', b"\xe2\x80\xae", b"\xc3(",
        b"Mar 14 09:26:53 h a[1]: ", b'{"MESSAGE":[1,2],"_PID":"1"}',
        b"1:M 14 Mar 2026 09:26:53.279 # ",
        b"API_CALL: ", b"NaN", b"1e999", b"a=1 b='", b"\\u001b", b"9" * 400, b"[[[[", b"((((",
    ]
)  # fmt: skip
BYTES = some.one_of(
    some.binary(max_size=300),
    some.lists(some.one_of(PIECES, some.sampled_from(CORPUS)), max_size=12).map(b"".join),
)


@settings(max_examples=400, deadline=None)
@given(data=BYTES, is_cut=some.booleans())
def test_any_bytes_come_back_unchanged_and_clean(data: bytes, is_cut: bool) -> None:
    parser = parser_for(data)
    back = b""
    for begin, end in split(data):
        raw = data[begin:end]
        parser.is_note(raw)
        record = parser.parse("log", LogPosition(0, begin), raw, is_cut)
        back += record.raw
        for text in (record.message, record.logger, *record.details, *record.fields):
            assert text == clean(text, 10_000)
    assert back == data


@settings(max_examples=300, deadline=None)
@given(data=BYTES, at_line=some.integers(0, 30))
def test_backwards_from_anywhere_is_as_forwards(data: bytes, at_line: int) -> None:
    lines = [line + b"\n" for line in data.split(b"\n")]
    data = b"".join(lines)
    begins = {begin for begin, _ in split(data)}
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    at_line %= len(lines)
    decided = {
        offset
        for offset, (before, line) in zip(offsets, pairwise([None, *lines]), strict=False)
        if line is not None and not continues(line, before)
    }
    assert decided == begins
    before = lines[at_line - 1] if at_line else None
    tail = split(data[offsets[at_line] :], before)
    later = {begin + offsets[at_line] for begin, _ in tail[1:]}
    assert later == {begin for begin in begins if begin > offsets[at_line]}


@settings(max_examples=150, deadline=None)
@given(data=BYTES)
def test_a_record_reads_the_same_whatever_was_read_before(data: bytes) -> None:
    parser = parser_for(data)
    spans = [data[begin:end] for begin, end in split(data)]
    forwards = [parser.parse("log", LogPosition(0, 0), raw) for raw in spans]
    backwards = [parser.parse("log", LogPosition(0, 0), raw) for raw in reversed(spans)]
    assert forwards == backwards[::-1]


@given(lines=some.lists(some.binary(max_size=80), max_size=20))
def test_detect_never_raises(lines: list[bytes]) -> None:
    assert detect(lines).format


MOMENTS = some.datetimes(datetime(2001, 9, 10), datetime(2090, 1, 1))  # noqa: DTZ001
NAMES = some.from_regex(r"[a-z_]{1,8}(\.[a-z_]{1,8}){0,2}", fullmatch=True)
WORDS = some.sampled_from(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
MESSAGES = some.from_regex(r"[A-Za-z][a-z]{0,9}( [a-z0-9:./]{1,9}){0,5}", fullmatch=True)
FORMS = {
    "python": "{moment:%Y-%m-%d %H:%M:%S},{ms:03} - {name} - {word} - {message}",
    "loguru": "{moment:%Y-%m-%d %H:%M:%S}.{ms:03} | {word: <8} | {name}:run:7 - {message}",
    "structlog": "{moment:%Y-%m-%d %H:%M:%S}.{ms:03} [{low: <9}] {message: <30} [{name}] n=7",
    "json": '{{"timestamp": "{moment:%Y-%m-%dT%H:%M:%S}.{ms:03}+0000", "level": "{word}", '
    '"logger": "{name}", "message": "{message}", "n": 7}}',
    "python-json-logger": '{{"asctime": "{moment:%Y-%m-%d %H:%M:%S},{ms:03}", '
    '"levelname": "{word}", "name": "{name}", "message": "{message}", "n": 7}}',
    "python-dict": "{{'time': '{moment:%Y-%m-%dT%H:%M:%S}.{ms:03}Z', 'level': '{word}', "
    "'logger': '{name}', 'msg': '{message}', 'n': 7, 'gone': None}}",
    "celery": "[{moment:%Y-%m-%d %H:%M:%S},{ms:03}: {word}/{name}] {message}",
}


@pytest.mark.parametrize("form", FORMS)
@given(moment=MOMENTS, name=NAMES, word=WORDS, message=MESSAGES)
def test_a_line_made_from_a_record_reads_as_that_record(
    form: str, moment: datetime, name: str, word: str, message: str
) -> None:
    if form == "celery":
        name = name.replace(".", "-")
    line = FORMS[form].format(
        moment=moment,
        ms=moment.microsecond // 1000,
        name=name,
        word=word,
        low=word.lower(),
        message=message,
    )
    record = record_of(line)
    expected = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
    assert record.time_s == pytest.approx(expected.timestamp(), abs=1e-4)
    assert record.level is {"WARNING": LogLevel.WARN}.get(word) or LogLevel[word]
    assert (record.logger, record.message) == (name, message)
    assert record.format == form
    if "7" in FORMS[form]:
        assert 7 in record.fields.values()


STATUSES = some.integers(100, 599)
PATHS = some.from_regex(r"/[a-z0-9/%._-]{0,20}", fullmatch=True)


@given(status=STATUSES, path=PATHS, port=some.integers(0, 65_535), moment=MOMENTS)
def test_access_lines_round_trip(status: int, path: str, port: int, moment: datetime) -> None:
    uvicorn = record_of(
        f'INFO:     2001:db8::1:{port} - "GET {path}?a=1 HTTP/1.1" {status} Some Words'
    )
    assert uvicorn.fields["ip"] == "2001:db8::1"
    assert uvicorn.fields["port"] == port
    stamp = f"{moment:%d/%b/%Y:%H:%M:%S} +0200"
    nginx = record_of(f'203.0.113.9 - - [{stamp}] "GET {path}?a=1 HTTP/2.0" {status} 7 "-" "x"')
    assert nginx.time_s == int(moment.replace(tzinfo=UTC, microsecond=0).timestamp()) - 7200
    for record in (uvicorn, nginx):
        assert record.fields["status"] == status
        assert record.fields["path"] == path
        assert record.fields["query"] == "a=1"


@given(word=WORDS, message=MESSAGES)
def test_a_carrier_adds_its_facts_and_changes_nothing_else(word: str, message: str) -> None:
    inner = f"2026-03-14 09:26:53,000 - shop - {word} - {message}"
    bare = record_of(inner)
    for carried in (
        f"api-1  | {inner}",
        f"\x1b[36mapi-1  |\x1b[0m 2026-03-14T09:30:00.000000001Z {inner}",
        f"Mar 14 09:26:54 host1 api[7]: {inner}",
        f"2026-03-14T09:26:54+0000 host1 api[7]: {inner}",
        f'{{"log": "{inner}\\n", "stream": "stderr", "time": "2026-03-14T09:30:00Z"}}',
        f'{{"MESSAGE": "{inner}", "_PID": "7", "__REALTIME_TIMESTAMP": "1773480413000005"}}',
    ):
        record = record_of(carried)
        assert (record.time_s, record.level, record.logger, record.message) == (
            bare.time_s,
            bare.level,
            bare.logger,
            bare.message,
        )
        assert any(name.startswith("transport.") for name in record.fields)
        assert bare.time_s == REFERENCE_S
