"""`quarterdeck logs -f` and `-`: real processes on real growing files and pipes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO

import pytest

ENTRY = [sys.executable, "-c", "from cli.main import main; main()", "logs"]
ROOT = Path(__file__).parents[3]
PATIENCE_S = 90.0


class Running:
    """A call that goes on, with its output line by line."""

    def __init__(self, *arguments: str | Path, stdin: int | None = subprocess.DEVNULL) -> None:
        self.process = subprocess.Popen(
            [*ENTRY, *map(str, arguments)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        self._lines: Queue[str] = Queue()
        self._errors: Queue[str] = Queue()
        pipes = ((self.process.stdout, self._lines), (self.process.stderr, self._errors))
        self._pumps = [Thread(target=_pump, args=pair, daemon=True) for pair in pipes]
        for pump in self._pumps:
            pump.start()

    def line(self) -> str:
        """Return the next line of its output."""
        return self._next(self._lines)

    def error(self) -> str:
        """Return the next line of its stderr."""
        return self._next(self._errors)

    def lines(self, count: int) -> list[str]:
        """Return the next lines."""
        return [self.line() for _ in range(count)]

    def rest(self) -> list[str]:
        """Return all that came and was not asked for."""
        self.process.wait(PATIENCE_S)
        found: list[str] = []
        while (line := self._lines.get(timeout=PATIENCE_S)) != END:
            found.append(line)
        return found

    def write(self, text: str) -> None:
        """Write into its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def end(self, number: int = signal.SIGINT) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
        for pump in self._pumps:
            pump.join(PATIENCE_S)
        if self.process.stdin is not None:
            self.process.stdin.close()

    def _next(self, queue: "Queue[str]") -> str:
        try:
            found = queue.get(timeout=PATIENCE_S)
        except Empty:
            pytest.fail("no line came")
        assert found != END, self.process.stderr
        return found


END = "\x00end"


def _pump(stream: IO[bytes], queue: "Queue[str]") -> None:
    with stream:
        for line in stream:
            queue.put(line.decode().rstrip("\n"))
    queue.put(END)


@pytest.fixture
def started() -> Iterator[list[Running]]:
    running: list[Running] = []
    yield running
    for one in running:
        one.close()


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def test_the_last_ten_and_then_what_is_written(tmp_path: Path, started: list[Running]) -> None:
    path = tmp_path / "app.log"
    append(path, "".join(f"INFO old {number}\n" for number in range(30)))
    call = Running(path, "-f")
    started.append(call)
    assert call.lines(10) == [f"INFO old {number}" for number in range(20, 30)]
    append(path, "INFO new 1\nINFO new 2\n")
    assert call.lines(2) == ["INFO new 1", "INFO new 2"]
    assert call.end() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_what_matched_so_far(
    tmp_path: Path, started: list[Running], number: int
) -> None:
    path = tmp_path / "app.log"
    append(path, "ERROR a\n")
    call = Running(path, "-f", "--level", "error")
    started.append(call)
    assert call.line() == "ERROR a"
    none = Running(path, "-f", "--filter", "nowhere")
    started.append(none)
    until(lambda: _has_own_signals(call) and _has_own_signals(none))
    append(path, "INFO b\nERROR c\n")
    assert call.line() == "ERROR c"
    assert (call.end(number), none.end(number)) == (0, 1)
    assert none.rest() == []


def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    ends_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends_s
        time.sleep(0.01)


def _has_own_signals(call: Running) -> bool:
    """Return whether a call handles SIGTERM itself, as it does once it follows."""
    status = Path(f"/proc/{call.process.pid}/status").read_text("ascii")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGTERM - 1))


def test_rotation_by_rename_loses_and_doubles_nothing(
    tmp_path: Path, started: list[Running]
) -> None:
    path = tmp_path / "app.log"
    append(path, "INFO 0\n")
    call = Running(path, "-f")
    started.append(call)
    assert call.line() == "INFO 0"
    wanted: list[str] = []
    for turn in range(1, 6):
        path.rename(tmp_path / f"app.log.{100 - turn}")
        append(path, f"INFO {turn}\nINFO {turn} again\n")
        wanted = [f"INFO {turn}", f"INFO {turn} again"]
        assert call.lines(2) == wanted
    while "rotated" not in (told := call.error()):
        assert "vanished" in told, "between the renaming and the new file it is gone"
    assert call.end() == 0
    assert call.rest() == []


def test_truncation_is_told_and_followed(tmp_path: Path, started: list[Running]) -> None:
    path = tmp_path / "app.log"
    append(path, "INFO a long first line\n")
    call = Running(path, "-f")
    started.append(call)
    assert call.line() == "INFO a long first line"
    os.truncate(path, 0)
    assert "truncated" in call.error()
    append(path, "INFO b\n")
    assert call.line() == "INFO b"


def test_a_file_that_appears_later_is_followed(tmp_path: Path, started: list[Running]) -> None:
    path = tmp_path / "later/app.log"
    call = Running(path, "-f")
    started.append(call)
    assert "does not exist" in call.error()
    path.parent.mkdir()
    append(path, "INFO here\n")
    assert call.line() == "INFO here"


def test_a_traceback_written_line_by_line_comes_once(
    tmp_path: Path, started: list[Running]
) -> None:
    path = tmp_path / "app.log"
    append(path, "INFO begin\n")
    call = Running(path, "-f")
    started.append(call)
    assert call.line() == "INFO begin"
    lines = [
        "ERROR it broke",
        "Traceback (most recent call last):",
        '  File "a.py", line 1',
        "ValueError: x",
    ]
    for line in lines:
        append(path, f"{line}\n")
        assert call.line() == line
    append(path, "INFO end\n")
    assert call.line() == "INFO end"


def test_limit_ends_following(tmp_path: Path, started: list[Running]) -> None:
    path = tmp_path / "app.log"
    append(path, "INFO 1\n")
    call = Running(path, "-f", "--limit", "3")
    started.append(call)
    assert call.line() == "INFO 1"
    append(path, "INFO 2\nINFO 3\nINFO 4\n")
    assert call.process.wait(PATIENCE_S) == 0
    assert call.rest() == ["INFO 2", "INFO 3"]


def test_json_lines_are_followed_too(tmp_path: Path, started: list[Running]) -> None:
    path = tmp_path / "app.log"
    append(path, "INFO 1\n")
    call = Running(path, "-f", "--json")
    started.append(call)
    assert json.loads(call.line())["message"] == "1"
    append(path, "ERROR 2\n")
    assert json.loads(call.line())["level"] == "error"


def test_a_pipe_is_read_as_it_comes(started: list[Running]) -> None:
    call = Running("-", "--level", "error", stdin=subprocess.PIPE)
    started.append(call)
    call.write("INFO a\nERROR b\nINFO c\n")
    assert call.line() == "ERROR b"
    call.write("ERROR d\n")
    assert call.line() == "ERROR d"
    assert call.process.stdin is not None
    call.process.stdin.close()
    assert call.process.wait(PATIENCE_S) == 0


def piped(text: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*ENTRY, "-", *arguments],
        input=text,
        capture_output=True,
        timeout=300,
        check=False,
        cwd=ROOT,
    )


def test_a_pipe_faster_than_its_reader_loses_nothing() -> None:
    text = b"".join(b"ERROR number %d\n" % number for number in range(100_000))
    done = piped(text, "--count", "--json")
    assert json.loads(done.stdout)["counts"]["records"] == 100_000
    assert piped(text).stdout == text


def test_an_unfinished_last_line_of_a_pipe_counts() -> None:
    done = piped(b"INFO one\nERROR two")
    assert (done.returncode, done.stdout) == (0, b"INFO one\nERROR two\n")
    assert piped(b"INFO one\nERROR two", "--tail", "1").stdout == b"ERROR two\n"


def test_an_empty_pipe_matches_nothing() -> None:
    assert piped(b"").returncode == 1


def test_a_reader_that_goes_away_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    append(path, "INFO line\n" * 50_000)
    command = f"{sys.executable} -c 'from cli.main import main; main()' logs {path} | head -1"
    done = subprocess.run(
        ["bash", "-c", f"{command}; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=ROOT,
    )
    assert done.stdout == "INFO line\n141\n"
    assert done.stderr == ""
