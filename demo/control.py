"""Switches faults of a running demo from any process, over a socket in its private folder."""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from demo.faults import ALL, find
from demo.home import Home

_LIMIT_S = 90.0
"""A fault may stop or start a process, which takes a moment, longer on a busy machine."""

Switch = Callable[[str, bool], None]


class NotRunning(Exception):
    """No demo answers there."""


class Control:
    """Asks the demo that runs in a folder; each call returns when the fault is in effect."""

    def __init__(self, folder: Path) -> None:
        self._home = Home(folder)

    def faults(self) -> dict[str, bool]:
        """Return every fault and whether it is on.

        Raises:
            NotRunning: no demo answers in that folder.
        """
        return self._ask({})

    def set(self, name: str, on: bool) -> dict[str, bool]:
        """Switch a fault; return all of them.

        Raises:
            UnknownFault: there is none of that name.
            NotRunning: no demo answers in that folder.
        """
        return self._ask({"fault": find(name).name, "on": on})

    def _ask(self, words: dict[str, object]) -> dict[str, bool]:
        try:
            with socket.socket(socket.AF_UNIX) as line, _short_path(self._home.socket) as path:
                line.settimeout(_LIMIT_S)
                line.connect(path)
                line.sendall(json.dumps(words).encode() + b"\n")
                reply: Any = json.loads(line.makefile("rb").readline() or b"{}")
        except (OSError, ValueError) as error:
            raise NotRunning(f"no demo is running in {self._home.folder}") from error
        if "faults" not in reply:
            raise NotRunning(str(reply.get("error", "the demo is ending")))
        return reply["faults"]


class ControlServer:
    """Takes orders for a demo, one at a time, in a thread that sleeps between them."""

    def __init__(self, home: Home, switch: Switch) -> None:
        self._home = home
        self._switch = switch
        self._socket = socket.socket(socket.AF_UNIX)

    def start(self) -> None:
        """Listen from now on."""
        with _short_path(self._home.socket) as path:
            self._socket.bind(path)
        self._socket.listen(8)
        threading.Thread(target=self._serve, name="demo control", daemon=True).start()

    def stop(self) -> None:
        """Take no more orders."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line, contextlib.suppress(OSError):
                line.settimeout(_LIMIT_S)
                line.sendall(json.dumps(self._obey(line)).encode() + b"\n")

    def _obey(self, line: socket.socket) -> dict[str, object]:
        try:
            words: Any = json.loads(line.makefile("rb").readline(4096))
            if "fault" in words:
                self._switch(str(words["fault"]), bool(words["on"]))
        except Exception as error:  # noqa: BLE001 - whatever went wrong is the answer
            return {"error": f"{type(error).__name__}: {error}"}
        return {"faults": faults_of(self._home)}


def faults_of(home: Home) -> dict[str, bool]:
    """Return every fault and whether its flag is on."""
    return {fault.name: home.is_on(fault.name) for fault in ALL}


@contextlib.contextmanager
def _short_path(path: Path) -> Generator[str]:
    """Give a socket's path in a form that fits the 108 bytes the kernel allows."""
    if len(os.fsencode(path)) < 100:
        yield str(path)
        return
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{path.name}"
    finally:
        os.close(handle)
