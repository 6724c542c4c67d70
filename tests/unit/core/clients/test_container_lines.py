"""The engine's frames become whole lines, each once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clients.container_lines import FrameError, LineMaker, Resume

STAMP = b"2026-03-14T11:59:00.123456789Z "
LATER = b"2026-03-14T11:59:00.123456999Z "


def frame(kind: int, payload: bytes) -> bytes:
    return bytes((kind, 0, 0, 0)) + len(payload).to_bytes(4, "big") + payload


def made(*chunks: bytes, is_terminal: bool = False) -> list[bytes]:
    maker = LineMaker(is_terminal=is_terminal)
    return [line for chunk in chunks for line in maker.feed(chunk)]


def test_both_streams_come_in_the_order_of_their_lines() -> None:
    data = frame(1, STAMP + b"out\n") + frame(2, LATER + b"err\n")
    assert made(data) == [STAMP + b"out\n", LATER + b"err\n"]


@given(st.integers(1, 40))
def test_frames_may_come_in_any_pieces(size: int) -> None:
    data = b"".join(frame(1 + number % 2, STAMP + b"line %d\n" % number) for number in range(9))
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert made(*pieces) == [STAMP + b"line %d\n" % number for number in range(9)]


def test_a_line_cut_at_16_kib_is_joined_and_keeps_its_first_stamp() -> None:
    part = b"x" * 16384
    data = frame(1, STAMP + part) + frame(2, STAMP + b"other\n") + frame(1, LATER + b"end\n")
    assert made(data) == [STAMP + b"other\n", STAMP + part + b"end\n"]


def test_a_terminals_line_ends_are_feeds_and_its_bare_returns_stay() -> None:
    data = STAMP + b"10%\r50%\r100%\r\n" + LATER + b"done\r\n"
    assert made(data[:20], data[20:], is_terminal=True) == [
        STAMP + b"10%\r50%\r100%\n",
        LATER + b"done\n",
    ]


def test_a_long_line_of_a_terminal_loses_the_stamps_inside() -> None:
    data = STAMP + b"x" * 16384 + LATER + b"y" * 16384 + LATER + b"end\r\n"
    assert made(data, is_terminal=True) == [STAMP + b"x" * 16384 + b"y" * 16384 + b"end\n"]


def test_what_is_not_framed_is_refused() -> None:
    with pytest.raises(FrameError):
        made(b"HTTP/1.1 500 nope\r\n\r\n")


def test_a_line_without_end_is_handed_on_in_bounded_pieces() -> None:
    maker = LineMaker(is_terminal=False)
    lines = [line for _ in range(600) for line in maker.feed(frame(1, b"x" * 16384))]
    assert lines
    assert max(map(len, lines)) < 5 * 1024 * 1024


def test_a_stream_opened_again_gives_nothing_twice() -> None:
    resume = Resume()
    first = [STAMP + b"a\n", LATER + b"b\n", LATER + b"c\n"]
    assert [resume.is_new(line) for line in first] == [True, True, True]
    assert resume.since == "1773489540.123456999"
    resume.reopen()
    again = [LATER + b"b\n", LATER + b"c\n", LATER + b"d\n"]
    assert [resume.is_new(line) for line in again] == [False, False, True]


def test_lines_that_are_a_little_out_of_order_are_all_new() -> None:
    resume = Resume()
    assert [resume.is_new(line) for line in (LATER + b"b\n", STAMP + b"a\n")] == [True, True]
    assert resume.since.endswith("999")
