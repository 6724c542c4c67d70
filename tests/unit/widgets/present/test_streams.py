"""Streams, groups, entries and letters as rows and in full."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bench.scene_redis import redis_picture
from bench.scene_streams import ENGINE, EVENTS, engine_streams, entry, entry_id
from core.model.redis_server import OwnLoad
from core.model.redis_view import RedisPicture
from core.model.stream import (
    EntryField,
    EntryId,
    PendingFilter,
    Presence,
    Progress,
    Stream,
    StreamEntry,
    StreamSample,
)
from core.model.text import EMPTY, clean
from core.model.verdict import Verdict
from tests.hostile import CORPUS
from widgets.present.fitting import width_of
from widgets.present.line import Line
from widgets.present.stream_charts import rates_in, rates_out, stream_charts
from widgets.present.stream_details import group_lines, stream_lines
from widgets.present.stream_entry import about_id, entry_lines
from widgets.present.stream_groups import consumer_key, found, group_cells
from widgets.present.stream_letters import is_of, letter_lines
from widgets.present.stream_pages import StreamPage, pages_line
from widgets.present.stream_pending import pending_lines, pending_status
from widgets.present.stream_words import age_text, moment_text, progress_text, rate_cell
from widgets.present.streams import load_line, stream_cells, streams_summary

NOW = datetime(2026, 3, 1, 3, 14, 7, tzinfo=UTC)
SCENE = engine_streams()
EVENTS_STREAM, DEAD_STREAM, MISSING, WRONG, UNNAMED = SCENE.rows
MANAGER_GROUP, AUDIT_GROUP = EVENTS_STREAM.groups


def said(line: Line) -> str:
    return "".join(part.text for part in line)


def all_said(lines: tuple[Line, ...]) -> str:
    return "\n".join(map(said, lines))


def cells(stream: Stream) -> list[str]:
    return [said(one) for one in stream_cells(stream)]


def test_a_lag_that_nobody_knows_is_never_a_number() -> None:
    blind = replace(EVENTS_STREAM, groups=(AUDIT_GROUP,))
    assert cells(blind)[5:7] == ["?", "?"]
    assert cells(EVENTS_STREAM)[5] == "≥1,182"
    assert cells(replace(EVENTS_STREAM, groups=(MANAGER_GROUP,)))[5] == "1,182"
    assert [said(one) for one in group_cells(AUDIT_GROUP)][3:5] == ["?", "?"]
    assert "lag ?: entries between were deleted" in said(group_cells(AUDIT_GROUP)[-1])


def test_what_is_not_there_has_no_zeros() -> None:
    assert cells(MISSING)[2:9] == ["–"] * 7
    assert cells(WRONG)[2:9] == ["–"] * 7
    assert cells(UNNAMED)[2] == "1"


def test_presence_is_told_in_five_ways() -> None:
    states = {cells(one)[0] for one in SCENE.rows}
    assert states == {"✖ DOWN", "▲ DEGRADED", "▲ not there", "✖ wrong type", "○ not named"}


def test_a_missing_stream_names_those_that_it_may_be() -> None:
    told = all_said(stream_lines(MISSING, None, SCENE.rows, 200))
    assert "is its publisher running?" in told
    assert "this server also has events." in told
    alone = all_said(stream_lines(MISSING, None, (MISSING,), 200))
    assert "also has" not in alone


def test_a_name_that_two_servers_have_tells_its_server() -> None:
    assert said(stream_cells(EVENTS_STREAM, is_alone=False)[1]).endswith(f"  {ENGINE}")


def test_a_group_in_full_says_how_its_lag_was_found() -> None:
    counted = replace(
        MANAGER_GROUP, is_lag_counted=True, lag_reason=clean("counted after last-delivered")
    )
    told = all_said(group_lines(EVENTS_STREAM, counted, 100))
    assert "Lag was counted by us: counted after last-delivered" in told
    unknown = all_said(group_lines(EVENTS_STREAM, AUDIT_GROUP, 100))
    assert "Lag is not known: entries between were deleted" in unknown
    assert "none: nobody reads this group" in unknown


def test_a_row_of_the_tree_is_found_by_its_key() -> None:
    consumer = MANAGER_GROUP.consumers[0]
    assert found(EVENTS_STREAM, consumer_key(MANAGER_GROUP, consumer)) == (MANAGER_GROUP, consumer)
    assert found(EVENTS_STREAM, "manager") == (MANAGER_GROUP, None)
    assert found(EVENTS_STREAM, "no such") == (None, None)
    assert found(None, "manager") == (None, None)


def test_the_summary_counts_and_says_that_it_is_not_complete() -> None:
    picture = redis_picture(0.0)
    told = said(streams_summary(picture, 200))
    assert told.startswith("≈6 streams  ✖ 2  ▲ 2  ? 1  ● 1")
    assert "looking for streams: 12,000 of 2,000,000 in 4 s" in told
    done = Progress(1, 1, True, 0.1)
    complete = replace(
        picture, streams=tuple(replace(one, discovery=done) for one in picture.streams)
    )
    assert said(streams_summary(complete, 200)).startswith("6 streams")
    assert said(streams_summary(None, 80)) == "streams: loading…"
    assert "a bug" in said(streams_summary(RedisPicture(is_read=True, is_broken=True), 80))


def test_our_own_load_is_told_and_that_it_was_held_back() -> None:
    assert said(load_line(OwnLoad(9, 3.2, 200.0))) == "our load 3 of 200 cmd/s "
    assert "held back 4s" in said(load_line(OwnLoad(9, 200.0, 200.0, 4.0)))
    old = replace(redis_picture(0.0), now_s=95.0)
    assert "as of 1m ago" in said(pages_line(StreamPage.STREAMS, old, ENGINE, 120))


@pytest.mark.parametrize(
    ("rate", "text"),
    [(None, "–"), (0.0, "0"), (0.01, "<0.1"), (12.44, "12.4"), (12345.6, "12,346")],
)
def test_a_rate_that_is_not_known_is_no_zero(rate: float | None, text: str) -> None:
    assert said(rate_cell(rate)) == text


def test_ages_ahead_of_the_servers_clock_are_told_as_such() -> None:
    assert age_text(-90.0) == "+1m"
    assert age_text(-0.4) == "0s"
    assert "1m ahead of the server's clock" in said(about_id(EntryId(1772334937000), -90.0))
    assert moment_text(EntryId(5)) == "1970-01-01 00:00:00Z"
    assert moment_text(EntryId(2**63)) == ""
    assert "its id tells no moment" in said(about_id(EntryId(2**63), 0.0))


def test_json_is_laid_out_and_raw_is_as_written() -> None:
    one = entry(5, 7)
    assert '  "run_id": "r7",' in all_said(entry_lines(one, 80, is_raw=False))
    assert '"run_id": "r7", "correlation_id"' in all_said(entry_lines(one, 200, is_raw=True))


def test_json_with_line_ends_in_it_is_laid_out_too() -> None:
    text = clean('{\n\t"a": [1,\r\n 2]\n}')
    one = StreamEntry(entry_id(5), 5.0, (EntryField(clean("data"), text, 20),), EMPTY)
    assert '  "a": [' in all_said(entry_lines(one, 80, is_raw=False))


def test_what_json_hides_in_its_escapes_is_made_visible() -> None:
    text = clean('{"a": "\\u001b[2J\\u202e"}')
    one = StreamEntry(entry_id(5), 5.0, (EntryField(clean("data"), text, 24),), EMPTY)
    told = all_said(entry_lines(one, 80, is_raw=False))
    assert "\\u001b[2J\\u202e" in told


def test_a_value_that_was_cut_says_its_true_size_and_is_not_decoded() -> None:
    text = clean('{"a": "' + "x" * 200)
    one = StreamEntry(entry_id(5), 5.0, (EntryField(clean("data"), text, 70_000),), EMPTY)
    assert "cut: 68.4 KiB in all" in all_said(entry_lines(one, 80, is_raw=False))


@pytest.mark.parametrize("text", CORPUS[::3], ids=lambda text: repr(text[:9]))
def test_outside_text_stays_within_its_line_and_drives_nothing(text: str) -> None:
    field = EntryField(clean(text), clean(text), len(text))
    one = StreamEntry(entry_id(5), 5.0, (field,), clean(text))
    for is_raw in (True, False):
        lines = entry_lines(one, 60, is_raw=is_raw)
        assert all(part.text.isprintable() for line in lines for part in line)
        assert all(width_of(line) <= 60 for line in lines)


def test_pending_entries_say_first_why_they_are_stuck() -> None:
    page = SCENE.pending
    assert page is not None
    firsts = [said(pending_lines(one, 80, is_raw=False)[0]) for one in page.rows]
    assert firsts[0] == "▲ consumer1 is gone: idle for 2 h"
    assert firsts[3] == "✖ deleted from the stream"
    assert firsts[5] == "It is being worked on: nothing says that it is stuck."
    gone = all_said(pending_lines(page.rows[3], 80, is_raw=False))
    assert "Nobody can work on it any more" in gone.replace("\n", " ")
    reading = replace(page, progress=Progress(1200, 4000, False, 3.0), is_at_end=False)
    told = said(pending_status(reading, 2, "reading", 200))
    assert "2 marked" in told
    assert "reading: 1,200 of 4,000 in 3 s  esc ends it" in told
    asked = replace(reading, filter=PendingFilter(min_deliveries=3))
    told = said(pending_status(asked, 0, "", 200))
    assert "≥6 matches: deliveries>=3   looked at 1,200 of 4,000 in 3 s  m goes on" in told
    assert "looked at" not in said(pending_status(reading, 0, "", 200))


def test_letters_say_first_whether_they_can_go_back() -> None:
    letters = SCENE.letters
    assert letters is not None
    stays, goes = letters.rows[0], letters.rows[1]
    assert "it stays: the first entry of the publisher" in all_said(
        letter_lines(stays, 100, is_raw=False)
    )
    assert said(letter_lines(goes, 100, is_raw=False)[0]).endswith("sent back to automation.events")
    counts = [
        sum(is_of(one, group, letters.groups) for one in letters.rows) for group in letters.groups
    ]
    assert counts == [group.count for group in letters.groups]


def _sample(at_s: float, added: int | None, lag: int | None) -> StreamSample:
    return StreamSample(at_s, 10, added, lag, 0)


def test_rates_are_not_known_where_a_counter_fell_or_was_not_told() -> None:
    history = (
        _sample(0, 10, 0), _sample(5, 60, 10), _sample(10, 5, 10), _sample(15, None, 10),
        _sample(15, 30, None), _sample(20, 80, 0),
    )  # fmt: skip
    assert [rate for _, rate in rates_in(history)] == [10.0, None, None, None, 10.0]
    assert [rate for _, rate in rates_out(history)] == [8.0, None, None, None, None]


@pytest.mark.parametrize("room", [(30, 3), (40, 8), (80, 20), (120, 40)])
def test_charts_fit_their_room(room: tuple[int, int]) -> None:
    lines = stream_charts(EVENTS_STREAM, *room, NOW, 0.0)
    assert 0 < len(lines) <= room[1]
    assert all(width_of(line) <= room[0] for line in lines)


def test_charts_of_one_look_say_that_they_need_two() -> None:
    young = replace(EVENTS_STREAM, history=EVENTS_STREAM.history[:1])
    assert "they need two looks" in all_said(stream_charts(young, 80, 10, NOW, 0.0))


def test_what_was_ended_says_by_what() -> None:
    ended = Progress(500, None, True, 2.0, clean("the budget"))
    assert progress_text(ended) == "500 in 2 s, ended: the budget"


def test_an_unknown_stream_of_an_unnamed_key_is_not_trouble() -> None:
    assert UNNAMED.presence is Presence.UNNAMED
    assert UNNAMED.verdict is Verdict.UNKNOWN
    assert cells(UNNAMED)[-2] == "the profile does not name it"
    assert EVENTS_STREAM.key == EVENTS
    assert DEAD_STREAM.is_dead_letters
