"""What actions on streams make of their inputs, and what they write of entries. Pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions.families.dlq_look import identity, marks_in, message_of
from core.actions.families.stream_claim_steps import Claim, words_of
from core.actions.families.stream_entry_steps import from_lines, to_lines
from core.actions.families.stream_group_steps import SetGroupId
from core.actions.families.stream_look import count_input, duration_s, id_input, ids_of, span
from core.actions.part import Sight, freeze, thaw
from core.clients.keyspace.port import PendingFacts, RawEntry
from core.errors import ActionError
from core.model.redis_key import KeyName
from core.model.redis_spec import StreamSpec
from core.model.stream import EntryId

CLAIM = Claim("shop/redis", "events", "manager", "worker", 60_000)
ROW = ("5-0", "gone", 3)
FIELDS = st.lists(st.tuples(st.binary(min_size=1), st.binary()), min_size=1, max_size=5)


def held(consumer: bytes, idle_s: float) -> PendingFacts:
    return PendingFacts(EntryId(5), KeyName(consumer), idle_s, 3)


def test_ids_are_read_once_each_and_the_oldest_first() -> None:
    assert ids_of(" 7-1, 5 ,7-1,") == (EntryId(5), EntryId(7, 1))
    with pytest.raises(ActionError, match="'x' is no entry id"):
        ids_of("5-0,x")
    with pytest.raises(ActionError, match="too many for one plan"):
        ids_of(",".join(f"{number}-0" for number in range(2001)))


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "²", "99999999999", "x"])
def test_a_number_of_entries_is_one(text: str) -> None:
    with pytest.raises(ActionError, match="limit is a number from 1 to 2000"):
        count_input("limit", text, 10)


def test_durations_and_ends_are_as_they_are_written() -> None:
    assert duration_s("min_idle", "1h", 60.0) == 3600.0
    assert duration_s("min_idle", "", 60.0) == 60.0
    with pytest.raises(ActionError, match="min_idle is a duration"):
        duration_s("min_idle", "60", 60.0)
    assert id_input("$", EntryId(9, 2)) == EntryId(9, 2)
    assert [span(one) for one in (45, 60, 7200, 172800)] == ["45 s", "1 min", "2 h", "2 d"]


@pytest.mark.parametrize(
    ("now", "is_there", "fate"),
    [
        (None, True, "acknowledged meanwhile"),
        (None, False, "gone from the stream"),
        (held(b"worker", 0.0), True, "claimed"),
        (held(b"other\x1b", 90.0), True, r"claimed by other\x1b meanwhile"),
        (held(b"gone", 3.0), True, "younger than 1 min: idle 3 s"),
        (held(b"gone", 90.0), True, "still with gone"),
    ],
)
def test_every_entry_has_a_fate(now: PendingFacts | None, is_there: bool, fate: str) -> None:
    assert CLAIM.fate(ROW, now, is_there=is_there) == fate


def test_a_long_list_of_what_was_not_claimed_is_cut() -> None:
    fates = {f"{number}-0": "gone from the stream" for number in range(30)} | {"99-0": "claimed"}
    said = words_of(fates)
    assert said.startswith("1 entry claimed; not claimed: 0-0 gone from the stream, ")
    assert said.endswith(", and 10 more")


@pytest.mark.parametrize(
    ("to", "now", "sight"),
    [
        ("0-0", EntryId(50), Sight.BEFORE),
        ("0-0", EntryId(0), Sight.AFTER),
        ("0-0", EntryId(20), Sight.AFTER),
        ("0-0", EntryId(60), Sight.NEITHER),
        ("90-0", EntryId(60), Sight.NEITHER),
        ("90-0", EntryId(95), Sight.AFTER),
    ],
)
def test_where_a_group_stands_tells_whether_it_was_set(to: str, now: EntryId, sight: Sight) -> None:
    assert SetGroupId("shop/redis", "s", "g", "50-0", to, None).sight_of(now) is sight


@given(st.lists(FIELDS, max_size=4))
def test_entries_come_back_from_their_lines_byte_by_byte(
    rows: list[list[tuple[bytes, bytes]]],
) -> None:
    entries = tuple(RawEntry(EntryId(at), tuple(fields)) for at, fields in enumerate(rows))
    assert from_lines(to_lines(entries)) == entries


@pytest.mark.parametrize(
    "data", [b"{", b"[1]\n", b'{"id": "1-0"}\n', b'{"id":"1-0","fields":[[1,2]]}']
)
def test_other_lines_are_refused(data: bytes) -> None:
    with pytest.raises(ActionError, match="no entries as they were exported"):
        from_lines(data)


def test_a_message_that_is_sent_twice_has_one_mark() -> None:
    spec = StreamSpec("", ())
    letter = RawEntry(EntryId(1), ((b"data", b'{"a":1,"dlq_error":"x"}'), (b"replay_id", b"old")))
    sent = message_of(letter, "dead", spec)
    assert sent == ((b"data", b'{"a":1}'), (b"replay_id", b"dead/1-0"))
    buried = ((b"data", b'{"raw_message": {"replay_id": "dead/1-0"}}'),)
    assert list(marks_in(buried, "dead")) == [b"dead/1-0"]
    assert identity(sent, spec) == identity(((b"data", b'{ "a": 1 }'),), spec)


def test_parts_are_the_same_after_having_been_kept() -> None:
    step = SetGroupId("shop/redis", "s", "g", "50-0", "0-0", None)
    assert thaw(freeze(step)) == step
