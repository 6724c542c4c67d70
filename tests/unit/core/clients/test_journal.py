"""A unit's journal is followed by its cursor, and nothing about it is silent."""

from collections.abc import Mapping

import pytest

from core.clients import log_sink
from core.clients.child_stream import ChildStream
from core.clients.journal import JournalFeed, JournalStream, journal_argv, judge_complaint
from core.errors import ClientGarbled, ClientMissing
from core.model.follow import FollowWord
from core.model.log import SeamKind
from core.model.text import SafeText, clean
from tests.fakes.sinks import RecordingSink, ScriptedBytes

BOOT = "0123456789abcdef0123456789abcdef"


def entry(number: int, boot: str = BOOT, message: str = '"hello"') -> bytes:
    text = f'{{"__CURSOR":"s=1;i={number}","_BOOT_ID":"{boot}","MESSAGE":{message}}}\n'
    return text.encode()


class ScriptedJournal(ScriptedBytes):
    """A journalctl that plays a script and complains of something."""

    def take_complaints(self) -> tuple[SafeText, ...]:
        taken = tuple(clean(text) for text in self.complaints)
        self.complaints.clear()
        return taken

    def bury(self) -> int | None:
        self.close()
        return self.exit_code


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sink, "FIRST_PAUSE_S", 0.01)


def fed(
    *streams: ScriptedJournal, past: ScriptedJournal | None = None
) -> tuple[JournalFeed, RecordingSink, list[tuple[str, ...]]]:
    """Start a feed; what is told back is how it followed."""
    sink, asked, waiting = RecordingSink(), list[tuple[str, ...]](), list(streams)

    def open_journal(argv: tuple[str, ...], env: Mapping[str, str]) -> JournalStream:
        if "--follow" not in argv:
            return past or ScriptedJournal()
        asked.append(argv)
        return waiting.pop(0) if waiting else ScriptedJournal(is_endless=True)

    feed = JournalFeed("api.service", sink, 50, open_journal)
    feed.start()
    return feed, sink, asked


def test_entries_are_fed_as_they_are() -> None:
    feed, sink, asked = fed(
        ScriptedJournal(entry(1), entry(2)[:20], entry(2)[20:], is_endless=True)
    )
    sink.until_data(entry(2))
    assert sink.data == entry(1) + entry(2)
    assert asked[0][-2:] == ("--lines=50", "--unit=api.service")
    assert "--all" in asked[0]
    feed.close()
    assert feed.join(20)


def test_a_journalctl_that_ends_is_started_again_after_the_last_entry() -> None:
    feed, sink, asked = fed(
        ScriptedJournal(entry(1) + entry(2)), ScriptedJournal(entry(3), is_endless=True)
    )
    sink.until_data(entry(3))
    feed.close()
    assert "--after-cursor=s=1;i=2" in asked[1]
    assert sink.kinds == [SeamKind.REOPENED]


def test_the_past_is_over_when_its_journalctl_is_and_is_followed_from_there() -> None:
    past = ScriptedJournal(entry(1) + entry(2))
    feed, sink, asked = fed(ScriptedJournal(entry(3), is_endless=True), past=past)
    sink.until_data(entry(3))
    feed.close()
    assert sink.has_past
    assert sink.data == entry(1) + entry(2) + entry(3)
    assert "--after-cursor=s=1;i=2" in asked[0]
    assert sink.kinds == []


def test_a_journal_without_entries_has_a_past_that_is_over() -> None:
    feed, sink, asked = fed(past=ScriptedJournal(b"-- No entries --\n"))
    sink.until_past()
    feed.close()
    assert sink.data == b""
    assert not any("cursor" in word for argv in asked for word in argv)


def test_the_past_of_a_journal_that_cannot_be_read_is_not_over() -> None:
    past = ScriptedJournal()
    past.exit_code = 1
    feed, sink, asked = fed(past=past)
    sink.until_told(FollowWord.REFUSED)
    feed.close()
    assert not sink.has_past
    assert asked == []


def test_a_boot_between_two_entries_is_a_seam() -> None:
    feed, sink, _ = fed(ScriptedJournal(entry(1) + entry(2, "f" * 32), is_endless=True))
    sink.until_data(entry(2, "f" * 32))
    assert "started anew" in sink.until_marked(SeamKind.REOPENED)
    feed.close()


def test_an_entry_without_its_text_is_marked() -> None:
    feed, sink, _ = fed(ScriptedJournal(entry(1, message="null"), is_endless=True))
    assert "without its text" in sink.until_marked(SeamKind.SKIPPED)
    feed.close()


def test_a_message_that_looks_like_a_cursor_is_not_one() -> None:
    forged = r'"\"__CURSOR\":\"evil\""'
    feed, sink, asked = fed(ScriptedJournal(entry(7, message=forged)))
    sink.until_marked(SeamKind.REOPENED)
    feed.close()
    assert asked[1][-2] == "--after-cursor=s=1;i=7"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Hint: You are currently not seeing messages from other users", SeamKind.SKIPPED),
        ("No journal files were opened due to insufficient permissions.", SeamKind.SKIPPED),
        ("Journal file /var/log/x.journal is truncated, ignoring file.", SeamKind.UNREADABLE),
        ("Journal file corrupted, ignoring", SeamKind.UNREADABLE),
        ("No journal files were found.", None),
    ],
)
def test_what_journalctl_complains_of_is_marked(said: str, kind: SeamKind | None) -> None:
    assert judge_complaint(said) is kind
    stream = ScriptedJournal(b"", is_endless=True)
    stream.complaints.append(said)
    feed, sink, _ = fed(stream)
    sink.until_told(FollowWord.FOLLOWING)
    if kind is not None:
        assert said in sink.until_marked(kind)
    feed.close()


def test_a_journalctl_that_fails_says_why() -> None:
    stream = ScriptedJournal()
    stream.complaints.append("Failed to add match: Invalid argument")
    stream.exit_code = 1
    feed, sink, _ = fed(stream)
    assert "Invalid argument" in sink.until_told(FollowWord.REFUSED)
    feed.close()


@pytest.mark.parametrize("name", ["-u", "a b", "*", "$(x)", "", "a\nb"])
def test_what_is_no_unit_name_is_never_run(name: str) -> None:
    with pytest.raises(ClientGarbled):
        journal_argv(name, 1)


def test_a_real_child_gives_output_and_complaints_and_is_buried() -> None:
    script = "echo out; echo complaint >&2; exec sleep 1000"
    child = ChildStream(("sh", "-c", script), {})
    data, complaints = b"", list[str]()
    for piece in child:
        data += piece
        complaints += child.take_complaints()
        if data and complaints:
            break
    assert (data, complaints) == (b"out\n", ["complaint"])
    assert child.bury() == -9


def test_a_real_child_that_ends_is_heard_out() -> None:
    child = ChildStream(("sh", "-c", "echo no >&2; exit 3"), {})
    assert b"".join(child) == b""
    assert child.bury() == 3
    assert list(child.take_complaints())[-1:] == ["no"]


def test_a_tool_that_is_not_there_is_told() -> None:
    with pytest.raises(ClientMissing):
        ChildStream(("qd-no-such-tool",), {})
