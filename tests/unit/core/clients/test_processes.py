"""The process table: hostile names, vanishing processes, pidfiles, ports."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.clients.clock import SystemClock
from core.clients.host import LocalHost
from core.clients.pidfile import read_pidfile
from core.clients.proc_stat import parse_stat
from core.clients.processes import ProcessReader, read_argv, read_place
from core.clients.sockets import read_ports
from tests.fakes.clock import FakeClock

STAT = (
    b"4242 (%s) S 1 4242 4242 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 7 0 12345 1000000 300 "
    b"18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
)


@pytest.mark.parametrize(
    "name", [b"uvicorn", b"a) R 1 (b", b"two words", b"new\nline", b"\xff\x1b["]
)
def test_a_hostile_name_does_not_shift_the_fields(name: bytes) -> None:
    stat = parse_stat(STAT.replace(b"%s", name))
    assert stat is not None
    assert (stat.pid, stat.parent_pid, stat.state, stat.threads) == (4242, 1, "S", 7)
    assert stat.start_ticks == 12345
    assert stat.memory_bytes == 300 * os.sysconf("SC_PAGE_SIZE")
    assert stat.cpu_s == pytest.approx(300 / os.sysconf("SC_CLK_TCK"))


@pytest.mark.parametrize("raw", [b"", b"junk", b"1 (a) S 1", b"1 (a"])
def test_a_torn_stat_file_is_no_process(raw: bytes) -> None:
    assert parse_stat(raw) is None


def test_a_process_of_ours_is_seen_with_masked_clean_words() -> None:
    argv = [sys.executable, "-c", "import sys; sys.stdin.read()", "--password=hunter2", "\x1b[2J"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as child:
        # Popen returns once exec is sure to succeed; for a moment there is no command line yet.
        until = time.monotonic() + 30
        while not (words := read_argv(child.pid)) and time.monotonic() < until:
            os.sched_yield()
        facts = {fact.pid: fact for fact in ProcessReader(SystemClock()).read()}
        place = read_place(child.pid)
        child.communicate(b"")
    assert words[0] == sys.executable
    assert "hunter2" not in " ".join(words)
    assert "␛[2J" in words
    assert facts[child.pid].parent_pid == os.getpid()
    assert facts[child.pid].cpu_percent is None, "seen once: no rate yet"
    assert place.cwd == str(Path.cwd())
    assert place.is_same_namespace is True
    assert read_argv(child.pid) == (), "it has ended: skipped"


async def test_cpu_is_known_from_the_second_read_on() -> None:
    clock = FakeClock()
    reader = ProcessReader(clock)
    await clock.advance(10)
    first = {fact.pid: fact for fact in reader.read()}
    await clock.advance(2)
    second = {fact.pid: fact for fact in reader.read()}
    assert first[os.getpid()].cpu_percent is None
    assert second[os.getpid()].cpu_percent is not None


async def test_looks_close_together_share_one_read() -> None:
    clock = FakeClock()
    reader = ProcessReader(clock)
    await clock.advance(10)
    first = reader.read()
    await clock.advance(0.5)
    assert reader.read() is first
    await clock.advance(0.5)
    assert reader.read() is not first


def test_a_listening_port_is_found_with_its_owner() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        found = [port for port in read_ports() if port.port == number]
    assert [(port.protocol, port.address, port.pid) for port in found] == [
        ("tcp", "127.0.0.1", os.getpid())
    ]
    assert found[0].process


async def test_a_sample_of_this_machine_makes_sense() -> None:
    host = LocalHost(SystemClock())
    sample = await host.read_sample()
    host.close()
    assert 0 <= sample.cpu_percent <= 100
    assert len(sample.cpu_percent_per_core) == os.cpu_count()
    assert 0 < sample.memory_available_bytes < sample.memory_total_bytes
    assert any(disk.mount == "/" and disk.total_bytes > 0 for disk in sample.disks)
    assert len({disk.device for disk in sample.disks}) == len(sample.disks)


class TestPidfile:
    """A pidfile is read, never trusted."""

    def test_the_first_line_is_the_pid(self, tmp_path: Path) -> None:
        (tmp_path / "pid").write_text(" 4242 \nmore\n")
        assert read_pidfile(str(tmp_path / "pid")).pid == 4242

    @pytest.mark.parametrize("text", ["", "abc", "-1", "0", "4242 4243", "9" * 60, "٣"])
    def test_what_is_no_pid_is_none(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "pid").write_text(text)
        pidfile = read_pidfile(str(tmp_path / "pid"))
        assert pidfile.pid is None
        assert "holds no pid" in pidfile.note

    def test_a_fifo_does_not_hang(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pid")
        assert "not a regular file" in read_pidfile(str(tmp_path / "pid")).note

    def test_an_absent_one_says_so(self, tmp_path: Path) -> None:
        assert "no pidfile" in read_pidfile(str(tmp_path / "pid")).note
