"""One record in full."""

import pytest

from core.logs.query.query import parse_query
from core.model.log import LogLevel
from core.model.log_view import LogRow
from core.model.text import SafeText, clean
from tests.hostile import CORPUS
from tests.unit.widgets.present.log_values import record, row, seam, text_of
from widgets.present.log_details import body_lines, facts_of, heading_lines, kinship, time_in_full


def test_the_heading_says_level_time_place_and_how_the_time_is_known() -> None:
    _rule, first, second, *_ = map(text_of, heading_lines(row("boom", level=LogLevel.ERROR), 100))
    assert first == "ERROR  2026-03-14 09:26:53.000000 UTC  as written"
    assert second.startswith("shop/api/app  text, 4 B at byte 0")


def test_the_heading_takes_no_more_than_four_lines() -> None:
    assert len(heading_lines(row("word " * 2000), 40)) <= 5


def test_the_heading_of_a_seam_is_its_note() -> None:
    assert text_of(heading_lines(seam(), 80)[1]) == "the file was moved away"


@pytest.mark.parametrize("time_s", [None, 1e30, -1e30])
def test_a_time_that_is_none_is_said(time_s: float | None) -> None:
    assert time_in_full(record(time_s=time_s)) in {"no time", "time out of range"}


def test_facts_are_what_a_query_can_ask_for() -> None:
    fields = {"status": 500, "path": clean("/x"), "ok": False, "tags": (clean("a"), clean("b"))}
    assert facts_of(row("x", fields=fields)) == (
        ("level", "info"),
        ("status", "500"),
        ("path", "/x"),
        ("ok", "false"),
        ("tags", "a, b"),
    )
    assert facts_of(LogRow()) == ()


def test_what_a_record_says_twice_is_one_fact() -> None:
    fields = {"level": clean("ERROR"), "status": 500}
    assert facts_of(row("x", level=LogLevel.ERROR, fields=fields)) == (
        ("level", "error"),
        ("status", "500"),
    )


def test_json_is_laid_out_and_anything_else_stays_as_it_was_written() -> None:
    lines = [text_of(line) for line in body_lines(row(raw=b'P: {"a": {"b": 1}}'), 80, is_raw=False)]
    assert lines[0].startswith("Laid out ─")
    assert lines[1:] == ["{", '  "a": {', '    "b": 1', "  }", "}"]
    raw = [text_of(line) for line in body_lines(row(raw=b'P: {"a": 1}'), 80, is_raw=True)]
    assert raw[0].startswith("As written ─")
    assert raw[1:] == ['P: {"a": 1}']
    assert text_of(body_lines(row(raw=b"{broken"), 80, is_raw=False)[1]) == "{broken"


def test_a_deep_payload_is_no_crash() -> None:
    assert body_lines(row(raw=b"{" + b'"a":{' * 8000), 80, is_raw=False)


def test_a_traceback_is_shown_line_by_line() -> None:
    one = row("boom", details=("Traceback (most recent call last):", '  File "x"'))
    title, *lines = (text_of(line) for line in body_lines(one, 80, is_raw=False))
    assert title.startswith("Further lines ─")
    assert lines == ["Traceback (most recent call last):", '  File "x"']


@pytest.mark.parametrize("is_raw", [True, False])
def test_nothing_hostile_survives(is_raw: bool) -> None:
    for payload in CORPUS:
        raw = payload.encode("utf-8", "surrogatepass")
        one = row(payload, raw=raw, fields={payload[:20]: SafeText(clean(payload))})
        lines = (*heading_lines(one, 80), *body_lines(one, 80, is_raw=is_raw))
        text = "".join(text_of(line) for line in lines) + "".join(map("".join, facts_of(one)))
        assert all(char.isprintable() for char in text), repr(payload)


def test_a_request_is_found_anywhere_and_a_client_by_its_field() -> None:
    fields = {"client_ip": clean("203.0.113.7"), "event.correlation_id": clean('c-"1\\')}
    assert kinship(record(fields=fields)) == '"c-\\"1\\\\"'
    assert parse_query(kinship(record(fields=fields)), 0.0).matches(record('of c-"1\\'))
    assert kinship(record(fields={"client_ip": clean("203.0.113.7")})) == 'client_ip="203.0.113.7"'
    assert kinship(record(fields={"path": clean("/x"), "request_id": None})) == ""
