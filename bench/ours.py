"""The console as a subject: on the demo for start and idle, on a thousand live rows for keys."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path

from bench.terminal import Subject

COMMAND = str(Path(sys.executable).with_name("quarterdeck"))
_ROWS = 1000


@contextlib.contextmanager
def demo_config() -> Generator[Path]:
    """Run the demo's systems apart from the console, so that only the console is measured."""
    process = subprocess.Popen([COMMAND, "demo", "--headless"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Path(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def thousand_rows_config() -> Generator[Path]:
    """Yield a configuration of a thousand services, each with a live TCP check."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:
        port = server.getsockname()[1]

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    server.accept()[0].close()

        threading.Thread(target=accept, daemon=True).start()
        with tempfile.TemporaryDirectory(prefix="qd-bench-") as folder:
            path = Path(folder) / "quarterdeck.yaml"
            lines = [
                "version: 1",
                "environment: development",
                "systems:",
                "  wide:",
                "    services:",
            ]
            for number in range(_ROWS):
                lines += [
                    f"      service-{number:04}:",
                    "        checks:",
                    f'          port: {{url: "tcp://127.0.0.1:{port}", every: 20s}}',
                ]
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            os.chmod(path, 0o600)  # noqa: PTH101
            yield path
            server.close()


def overview_of_demo(config: Path) -> Subject:
    """Start and idle on the demo's Overview."""
    return Subject(
        "quarterdeck",
        (COMMAND, "--config", str(config)),
        ready="cost-dashboard",
        keys=(b"j", b"k"),
    )


def cursor_in_thousand_rows(config: Path) -> Subject:
    """Keys on the Services table of a thousand live rows, full screen."""
    return Subject(
        "quarterdeck, 1,000 live rows",
        (COMMAND, "--config", str(config)),
        ready="wide",
        keys=(b"j", b"j", b"j", b"k"),
        prepare=(b"2", b"f"),
    )
