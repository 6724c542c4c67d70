"""The peers: installed into an environment of their own, or taken from PATH, or left out by name.

`python -m bench.peers` installs dolphie, glances and posting beside the project; btop, and a
MariaDB server for dolphie, come from the system's packages.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path

from bench.terminal import Subject

HOME = Path(__file__).parents[1] / ".peers"
_FROM_INDEX = {
    "dolphie": ("dolphie",),
    "glances": ("glances",),
    # With tree-sitter 0.26 its Textual 6.1 ends in a segmentation fault at start.
    "posting": ("posting", "tree-sitter<0.26"),
}
_DOWN_UP = (b"\x1b[B", b"\x1b[B", b"\x1b[B", b"\x1b[A")


def install_into(home: Path, packages: Sequence[str]) -> None:
    """Make an environment of its own with these packages."""
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    python = str(home / "bin/python")
    tool = shutil.which("uv")
    pip = (
        [tool, "pip", "install", "-q", "-p", python]
        if tool
        else [python, "-m", "pip", "install", "-q"]
    )
    subprocess.run([*pip, *packages], check=True)


def install() -> None:
    """Make an environment for each peer of the package index: their pins of Textual differ."""
    for name, packages in _FROM_INDEX.items():
        install_into(HOME / name, packages)


@contextlib.contextmanager
def mariadb() -> Generator[str | None]:
    """Run a throwaway MariaDB on loopback for dolphie and yield its port, or None without one."""
    server, setup = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if not server or not setup:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="qd-mariadb-") as home:
        options = (
            [f"--datadir={home}/data", "--user=root"]
            if os.geteuid() == 0
            else [f"--datadir={home}/data"]
        )
        subprocess.run(
            [setup, *options, "--auth-root-authentication-method=normal"],
            check=True, capture_output=True,
        )  # fmt: skip
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        process = subprocess.Popen(
            [server, *options, "--bind-address=127.0.0.1", f"--port={port}",
             f"--socket={home}/s", f"--pid-file={home}/pid", f"--log-error={home}/log"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield port if _listens(int(port), process) else None
        finally:
            process.terminate()
            process.wait(20)


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return True
    return False


def _own(name: str) -> str:
    return str(HOME / name / "bin" / name)


def subjects(mysql_port: str | None) -> tuple[list[Subject], list[str]]:
    """Return the peers that can run here and one line for each that cannot."""
    btop = shutil.which("btop") or "btop"
    candidates = [
        Subject("btop", (btop, "--utf-force"), ready="(?i)cpu", keys=_DOWN_UP),
        Subject("glances", (_own("glances"),), ready="CPU", keys=_DOWN_UP),
        Subject("posting", (_own("posting"),), ready="(?i)collection", keys=(b"\t", b"\x1b[Z")),
    ]
    if mysql_port:
        login = ("-u", "root", "-h", "127.0.0.1", "-P", mysql_port)
        ready = "(?i)(threads|processlist)"
        candidates.append(Subject("dolphie", (_own("dolphie"), *login), ready, keys=(b"2",)))
    found = [subject for subject in candidates if Path(subject.argv[0]).exists()]
    absent = [
        f"{subject.name}: not installed (`python -m bench.peers`; btop from the system)"
        for subject in candidates
        if subject not in found
    ]
    if not mysql_port:
        absent.append("dolphie: needs mariadbd and mariadb-install-db")
    return found, absent


if __name__ == "__main__":
    install()
