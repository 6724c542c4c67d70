"""Named places at which a test ends the executor, or lets it fail (etcd's gofail, in small).

Compiled in, so that what is tested is what runs; refused outside a checkout with tests, and never
heard in production.
"""

import errno
import os
import signal
from pathlib import Path

from core.errors import ActionError

VARIABLE = "QUARTERDECK_FAILPOINT"
"""`NAME[:COUNT]:kill|eio|stop`: what happens at the COUNT-th pass of that place."""


class FailPoints:
    """Counts the passes of each place and acts on the one that is named."""

    def __init__(self, wanted: str = "") -> None:
        """Take the variable's text; empty: nothing ever happens.

        Raises:
            ActionError: it is set where no tests are, or is not of the form.
        """
        self._name, self._count, self._what = "", 0, ""
        self.passed: list[str] = []
        """Names in the order of their passes, for tests that ask which there are."""
        if not wanted:
            return
        if not (Path(__file__).parents[2] / "tests" / "conftest.py").is_file():
            raise ActionError(f"{VARIABLE} is set, and this is no checkout with tests; unset it")
        words = wanted.split(":")
        count = words[1] if words[2:] else "1"
        is_counted = count.isdecimal() and int(count) > 0
        is_known = words[-1] in {"kill", "eio", "stop"}
        if len(words) not in {2, 3} or not words[0] or not is_counted or not is_known:
            raise ActionError(f"{VARIABLE} is not NAME[:COUNT]:kill|eio|stop: {wanted!r}")
        self._name, self._count, self._what = words[0], int(count), words[-1]

    @property
    def is_armed(self) -> bool:
        """Whether anything may happen."""
        return bool(self._name)

    def __call__(self, name: str) -> None:
        """Pass a place."""
        if not self._name:
            return
        self.passed.append(name)
        if name != self._name or self.passed.count(name) != self._count:
            return
        match self._what:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "eio":
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            case _:
                os.kill(os.getpid(), signal.SIGSTOP)
