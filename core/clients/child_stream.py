"""A command whose output is followed: argv only, absolute binary, clean environment."""

import os
import select
import signal
import subprocess
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress

from core.clients.command import child_environment, find_binary
from core.errors import ClientDenied, ClientMissing
from core.model.text import SafeText, clean

_READ_BYTES = 64 * 1024
_MAX_COMPLAINTS = 20
_LINE_BYTES = 4096
_BURY_S = 2.0


class ChildStream:
    """The output of a running command, as bytes come; what it complains of is kept beside it."""

    def __init__(self, argv: tuple[str, ...], env: Mapping[str, str]) -> None:
        """Start the command in a session of its own, without input.

        Raises:
            ClientMissing: the tool is not installed.
            ClientDenied: the tool may not be run by us.
        """
        binary = find_binary(argv[0])
        try:
            self._process = subprocess.Popen(
                [binary, *argv[1:]],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                cwd="/", env=child_environment(env), start_new_session=True,
            )  # fmt: skip
        except PermissionError as error:
            raise ClientDenied(f"{clean(argv[0])} may not be run by this user") from error
        except OSError as error:
            raise ClientMissing(f"cannot run {clean(argv[0])}: {error.strerror}") from error
        self._complaints: deque[SafeText] = deque(maxlen=_MAX_COMPLAINTS)
        self._half_line = b""

    def __iter__(self) -> Iterator[bytes]:
        """Yield output as it comes; nothing (empty bytes) when it has complained."""
        output, errors = self._process.stdout, self._process.stderr
        if output is None or errors is None:
            return
        poller = select.poll()
        poller.register(output, select.POLLIN)
        poller.register(errors, select.POLLIN)
        while True:
            ready = {fd for fd, _ in poller.poll()}
            if errors.fileno() in ready:
                if not self._listen(os.read(errors.fileno(), _LINE_BYTES)):
                    poller.unregister(errors)
                yield b""
            if output.fileno() in ready:
                data = os.read(output.fileno(), _READ_BYTES)
                if not data:
                    return
                yield data

    def _listen(self, data: bytes) -> bool:
        """Keep the lines of some error output; return whether there was any."""
        *lines, self._half_line = (self._half_line + data).split(b"\n")
        if not data or len(self._half_line) > _LINE_BYTES:
            lines.append(self._half_line)
            self._half_line = b""
        self._complaints.extend(clean(line, 500) for line in lines if line)
        return bool(data)

    def take_complaints(self) -> tuple[SafeText, ...]:
        """Return what it wrote to its error output since the last time."""
        taken: list[SafeText] = []
        with suppress(IndexError):
            while True:
                taken.append(self._complaints.popleft())
        return tuple(taken)

    def close(self) -> None:
        """Kill the command with all that it started, from any thread."""
        with suppress(ProcessLookupError):
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def bury(self) -> int | None:
        """Kill it and wait until it is gone; return how it ended, None when it would not."""
        self.close()
        try:
            exit_code = self._process.wait(_BURY_S)
        except subprocess.TimeoutExpired:
            exit_code = None
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                if pipe is self._process.stderr and exit_code is not None:
                    self._hear_out(pipe.fileno())
                pipe.close()
        return exit_code

    def _hear_out(self, fd: int) -> None:
        """Keep what it said last; a child of its own that still holds the pipe is not awaited."""
        os.set_blocking(fd, False)
        with suppress(BlockingIOError):
            while self._listen(os.read(fd, _LINE_BYTES)):
                pass
