"""The journal: what was written is read again, torn at any byte, and never past damage."""

import os
import resource
import signal
from pathlib import Path

import pytest

from core.actions.journal import NAME, Entry, Journal, Mark, read_journal
from core.errors import ActionError
from tests.fakes.clock import FakeClock


def written(folder: Path) -> list[Mark]:
    """Write a short journal; return its marks."""
    journal = Journal(folder, FakeClock())
    journal.add(Mark.STARTED, pid=7, ticks=8, boot="b")
    journal.add(Mark.BEGIN, 0)
    journal.add(Mark.DONE, 0, "it holds \u2026 é", took_s=0.5)
    journal.add(Mark.ENDED, text="", phase="committed", proof="verified")
    journal.close()
    return [Mark.STARTED, Mark.BEGIN, Mark.DONE, Mark.ENDED]


def marks(folder: Path) -> list[Mark]:
    return [one.mark for one in read_journal(folder)]


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    assert marks(tmp_path) == []
    assert written(tmp_path) == marks(tmp_path)
    started, begin, done, _ = read_journal(tmp_path)
    assert started.more == {"pid": 7, "ticks": 8, "boot": "b"}
    assert (begin.step, begin.text) == (0, "")
    assert done == Entry(Mark.DONE, done.at_s, 0.0, 0, "it holds … é", {"took_s": 0.5})


def test_torn_at_any_byte_the_whole_lines_before_it_count(tmp_path: Path) -> None:
    every = written(tmp_path)
    path = tmp_path / NAME
    raw = path.read_bytes()
    for size in range(len(raw)):
        path.write_bytes(raw[:size])
        whole = raw[:size].count(b"\n")
        assert marks(tmp_path) == every[:whole]
        journal = Journal(tmp_path, FakeClock())
        journal.add(Mark.RECOVERING, pid=1, ticks=1, boot="b")
        journal.close()
        assert marks(tmp_path) == [*every[:whole], Mark.RECOVERING]


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[]", b"null", b'{"ev":"done"}', b'{"ev":"sung","ts":1,"mono":1}', b"\xff"],
)
def test_damage_in_the_middle_is_named_by_its_line(tmp_path: Path, line: bytes) -> None:
    written(tmp_path)
    path = tmp_path / NAME
    lines = path.read_bytes().split(b"\n")
    lines[1] = line
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(ActionError, match=r"line 2 of the journal of .* is damaged"):
        read_journal(tmp_path)


def test_it_is_private_and_follows_no_link(tmp_path: Path) -> None:
    written(tmp_path)
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    (tmp_path / NAME).rename(tmp_path / "elsewhere")
    (tmp_path / NAME).symlink_to("elsewhere")
    with pytest.raises(ActionError, match="no journal can be written"):
        Journal(tmp_path, FakeClock())


def test_a_disk_that_takes_a_part_of_a_line_leaves_none_of_it(tmp_path: Path) -> None:
    """A limit of the file's size is what a full disk is to a writer: a short write, no error."""
    every = written(tmp_path)
    path = tmp_path / NAME
    size = path.stat().st_size
    pid = os.fork()
    if not pid:
        code = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, size + 10))
            Journal(tmp_path, FakeClock()).add(Mark.CLOSED)
        except ActionError:
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert path.stat().st_size == size
    assert marks(tmp_path) == every
