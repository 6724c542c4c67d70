"""A real SSH connection that is cut: the console goes and leaves nothing behind."""

import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import psutil
import pytest

pytestmark = [pytest.mark.real("sshd"), pytest.mark.xdist_group("sshd")]
_ENDS_S = 60.0
QUARTERDECK = Path(sys.executable).with_name("quarterdeck")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "quarterdeck.yaml"
    path.write_text(
        "version: 1\nsystems:\n  shop:\n    services:\n      api:\n        checks:\n"
        "          port: {url: 'tcp://127.0.0.1:9', every: 1s}\n",
        encoding="utf-8",
    )
    path.chmod(0o600)
    return path


@pytest.fixture
def session(config: Path, tmp_path: Path) -> Iterator[tuple[pexpect.spawn, psutil.Process]]:
    """A console opened over ssh, and its process on the server side."""
    pidfile = tmp_path / "pid"
    remote = (
        f"echo $$ > {shlex.quote(str(pidfile))}; export TERM=xterm-256color LANG=C.UTF-8; "
        f"exec {QUARTERDECK} --config {shlex.quote(str(config))}"
    )
    argv = ["-tt", "-F", os.environ["QD_TEST_SSH_CONFIG"], "ops", remote]
    ssh = pexpect.spawn("ssh", argv, dimensions=(30, 100), timeout=120)
    try:
        ssh.expect(re.compile(rb"shop"))
        yield ssh, psutil.Process(int(pidfile.read_text(encoding="utf-8")))
    finally:
        ssh.close(force=True)


def is_over(process: psutil.Process) -> bool:
    """Return whether it runs no more. One that nobody has collected yet is over all the same."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_over(process: psutil.Process) -> None:
    until_s = time.monotonic() + _ENDS_S
    while not is_over(process):
        assert time.monotonic() < until_s, f"{process} is still there"
        time.sleep(0.02)


def test_a_killed_ssh_client_ends_the_console_and_all_that_it_runs(
    session: tuple[pexpect.spawn, psutil.Process],
) -> None:
    ssh, console = session
    family = [console, *console.children(recursive=True)]
    ssh.kill(signal.SIGKILL)
    for one in family:
        wait_over(one)


def test_a_killed_session_of_the_server_ends_the_console_as_well(
    session: tuple[pexpect.spawn, psutil.Process],
) -> None:
    _, console = session
    server = console.parent()
    assert server is not None
    # The shell may stand between the console and the server's session.
    while server is not None and "sshd" not in server.name():
        server = server.parent()
    assert server is not None
    server.kill()
    wait_over(console)


def test_leaving_gives_the_shell_a_good_status(
    session: tuple[pexpect.spawn, psutil.Process],
) -> None:
    ssh, _ = session
    ssh.send(":quit\r")
    ssh.expect(pexpect.EOF)
    ssh.wait()
    assert ssh.exitstatus == 0
