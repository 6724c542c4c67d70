"""What is left of a client's tokens is shown as what it is; nothing invalid looks like a number."""

from dataclasses import replace

from bench.scene_limits import limits_of
from bench.scene_redis import redis_picture
from core.model.limit import LimitRow
from core.model.redis_server import Trouble
from core.model.redis_view import RedisPicture
from core.model.stream import Progress
from core.model.text import clean
from widgets.present.fitting import width_of
from widgets.present.limits import (
    is_trouble,
    limit_cells,
    limit_key,
    limit_lines,
    limit_search,
    note_lines,
    pattern_lines,
    summary_line,
)
from widgets.present.line import Line

EMPTY, PART, COUNTER, BAD, FULL, HALF = limits_of()[0].rows
PICTURE = redis_picture(1_772_334_847.0)


def text_of(drawn: Line) -> str:
    return "".join(one.text for one in drawn)


def cells_of(row: LimitRow) -> list[str]:
    return [text_of(cell) for cell in limit_cells(row)]


def test_who_is_limited_is_a_word() -> None:
    words = [cells_of(one)[0] for one in (EMPTY, PART, COUNTER, BAD, FULL)]
    assert words == ["✖ limited", "✖ limited", "✖ limited", "? invalid", "● passes"]
    assert cells_of(replace(FULL, is_limited=None))[0] == "? unknown"
    assert [is_trouble(one) for one in (EMPTY, BAD, FULL)] == [True, True, False]


def test_less_than_a_token_never_looks_like_none_or_one() -> None:
    assert cells_of(PART)[3] == "0.30/1,000"
    assert cells_of(EMPTY)[3] == "0/1,000"
    assert cells_of(HALF)[3] == "412.5/1,000"


def test_what_is_invalid_is_shown_as_it_is_written() -> None:
    assert cells_of(BAD)[3] == "abc/1,000"
    assert cells_of(BAD)[2] == "········"
    assert cells_of(BAD)[-1] == "tokens is no number: abc"


def test_when_the_next_request_passes() -> None:
    assert [cells_of(one)[5] for one in (FULL, COUNTER, PART, BAD)] == [
        "now",
        "in 37s",
        "in <0.1s",
        "–",
    ]


def test_all_of_it_says_what_is_written_and_by_which_clock() -> None:
    ahead = replace(PART, last_seen_age_s=-1000.0)
    text = "\n".join(text_of(one) for one in limit_lines(ahead, 80))
    assert "written: 0.3" in text
    assert "stamped by a clock that is ahead" in text
    assert all(width_of(one) <= 30 for one in limit_lines(ahead, 30))


def test_one_line_over_all_of_it() -> None:
    text = text_of(summary_line(PICTURE, 100))
    assert text.startswith("4 circuits, 1 open   6 clients, 3 limited")
    assert text.endswith(" cmd/s")
    assert width_of(summary_line(PICTURE, 60)) == 60


def test_what_is_not_counted_to_the_end_is_about() -> None:
    scan = Progress(12_000, 1_000_000, is_complete=False, elapsed_s=4.0)
    limits = (replace(PICTURE.limits[0], progress=scan),)
    text = text_of(summary_line(replace(PICTURE, limits=limits), 120))
    assert "≈6 clients, ≈3 limited" in text
    assert "scanned 12,000 of 1,000,000" in text


def test_a_server_that_cannot_be_read_is_said_with_the_remedy_and_the_age_of_what_is_shown() -> (
    None
):
    trouble = Trouble(clean("NOAUTH"), clean("it wants a password"), clean("set `password`"))
    server = replace(PICTURE.servers[0], trouble=trouble, looked_at_s=10.0)
    picture = replace(PICTURE, servers=(server,), now_s=72.0)
    text = " ".join(text_of(one) for one in note_lines(picture, 200))
    assert "cannot be read: NOAUTH: it wants a password; set `password`" in text
    assert "1 m 02 s old" in text
    assert note_lines(RedisPicture(), 80) == ()


def test_servers_that_fail_alike_are_told_once() -> None:
    trouble = Trouble(clean("refused"), clean("connection refused"))
    both = tuple(
        replace(PICTURE.servers[0], server=name, trouble=trouble, looked_at_s=at_s)
        for name, at_s in (("a/redis", 50.0), ("b/redis", 10.0))
    )
    picture = RedisPicture(servers=both, is_read=True, now_s=72.0)
    (line,) = note_lines(picture, 200)
    assert text_of(line).startswith("✖ a/redis, b/redis cannot be read: refused")
    assert "1 m 02 s old" in text_of(line)


def test_a_documented_pattern_without_keys_is_said() -> None:
    limits = replace(
        limits_of()[0], patterns=(("api-gateway:rate-limit:*", 0), ("rate_limit:*", 5))
    )
    text = [text_of(one) for one in pattern_lines(limits, 60)]
    assert text[2] == "   no key  api-gateway:rate-limit:*"
    assert text[3] == "        5  rate_limit:*"


def test_a_search_finds_address_and_key_and_rows_have_keys_of_their_own() -> None:
    assert "2001:db8::12" in limit_search(PART)
    rows = limits_of()[0].rows
    assert len({limit_key(row) for row in rows}) == len(rows)


def test_who_ran_dry_is_told_though_the_bucket_is_full_again() -> None:
    dry = replace(FULL, was_exhausted=True)
    assert cells_of(dry)[0] == "▲ ran dry"
    assert is_trouble(dry)
    assert "left nothing; refilled since" in text_of(sum(limit_lines(dry, 90), ()))
    limits = (replace(PICTURE.limits[0], exhausted=4),)
    assert "3 limited, 1 ran dry" in text_of(summary_line(replace(PICTURE, limits=limits), 120))


def test_rejections_are_shown_where_something_tells() -> None:
    assert cells_of(FULL)[8] == "–"
    assert cells_of(replace(FULL, rejections_per_min=12.5))[8] == "12.5"
