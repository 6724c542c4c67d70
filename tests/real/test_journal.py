"""The journal of real units. `QD_TEST_UNITS` names the folder that systemd reads units from."""

import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.clients.journal import JournalFeed
from core.model.follow import FollowWord
from tests.fakes.sinks import RecordingSink

pytestmark = [pytest.mark.real("systemd"), pytest.mark.xdist_group("systemd")]


def systemctl(*words: str) -> None:
    subprocess.run(["systemctl", *words], check=True, capture_output=True, timeout=300)


@pytest.fixture
def unit() -> Iterator[Callable[[str], str]]:
    """Write units, and take them away again afterwards."""
    folder = Path(os.environ.get("QD_TEST_UNITS", "/run/systemd/system"))
    written: list[str] = []

    def write(script: str) -> str:
        name = f"qd-journal-{uuid.uuid4().hex[:12]}.service"
        program = f"/bin/sh -c {json.dumps(script)}"
        (folder / name).write_text(f"[Service]\nType=oneshot\nExecStart={program}\n")
        written.append(name)
        systemctl("daemon-reload")
        return name

    yield write
    for name in written:
        subprocess.run(["systemctl", "stop", name], check=False, capture_output=True, timeout=300)
        (folder / name).unlink(missing_ok=True)
    systemctl("daemon-reload")


@pytest.fixture
def follow() -> Iterator[Callable[[str], RecordingSink]]:
    """Follow units, and end every journalctl afterwards."""
    feeds: list[JournalFeed] = []

    def start(name: str) -> RecordingSink:
        sink = RecordingSink()
        feeds.append(JournalFeed(name, sink))
        feeds[-1].start()
        return sink

    yield start
    for feed in feeds:
        feed.close()
        assert feed.join(120)


def messages(sink: RecordingSink) -> list[object]:
    """Return those that have come whole."""
    whole, _, _ = sink.data.rpartition(b"\n")
    return [json.loads(line)["MESSAGE"] for line in whole.splitlines()]


def test_what_a_unit_said_and_says_is_followed(
    unit: Callable[[str], str], follow: Callable[[str], RecordingSink]
) -> None:
    name = unit("echo hello from $$PPID")
    systemctl("start", name)
    sink = follow(name)
    sink.until_data(b'"hello from')
    assert sink.states[0][0] is FollowWord.FOLLOWING
    before = len(messages(sink))
    systemctl("start", name)
    sink.until_count(b'"hello from', 2)
    sink.until_count(b"\n", before + 1)


def test_long_and_binary_messages_are_there(
    unit: Callable[[str], str], follow: Callable[[str], RecordingSink]
) -> None:
    long = "head -c 5120 /dev/zero | tr '\\000' y; echo"
    name = unit(f"{long}; printf 'a\\033b\\n'; echo last")
    systemctl("start", name)
    sink = follow(name)
    sink.until_data(b'"last"')
    found = messages(sink)
    assert "y" * 5120 in found
    assert [97, 27, 98] in found, "bytes that are no text come as numbers"
    assert None not in found


def test_a_unit_that_said_nothing_is_waited_for(
    unit: Callable[[str], str], follow: Callable[[str], RecordingSink]
) -> None:
    name = unit("echo late")
    sink = follow(name)
    sink.until_told(FollowWord.FOLLOWING)
    systemctl("start", name)
    sink.until_data(b'"late"')


def test_closing_leaves_no_journalctl_behind(unit: Callable[[str], str]) -> None:
    name = unit("echo x")
    systemctl("start", name)
    sink = RecordingSink()
    feed = JournalFeed(name, sink)
    feed.start()
    sink.until_data(b'"x"')
    feed.close()
    assert feed.join(120)
    commands = [
        path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if readable(path)
    ]
    assert not [words for words in commands if name.encode() in words and b"journalctl" in words]


def readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True
