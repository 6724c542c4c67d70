"""That a console was opened and left, in the audit log; nobody waits for either.

Written in a thread of its own, once the console has drawn: opening the log loads what only it
needs. A console that cannot write is a console all the same.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.clients.clock import Clock
from core.errors import ConsoleError
from core.model.text import SafeText, clean

if TYPE_CHECKING:
    from core.actions.recorder import Recorder

Told = Callable[[SafeText], None]
"""Is told, in the thread, why the console does not stand in the log."""


class ConsoleSession:
    """One console's two records.

    Args:
        open_audit: Opens the log; called in the thread, may raise ConsoleError.
        clock: Says how long the console was open.
        mode: What may be done in it, in words.
        environment: Of the configuration.
    """

    def __init__(
        self, open_audit: "Callable[[], Recorder]", clock: Clock, mode: str, environment: str
    ) -> None:
        self._open_audit = open_audit
        self._clock = clock
        self._mode = mode
        self._environment = environment
        self._since_s = clock.monotonic()
        self._audit: Recorder | None = None
        self._beginning: threading.Thread | None = None

    def begin(self, told: Told) -> None:
        """Have the beginning written, and return at once; a second call does nothing."""
        if self._beginning is None:
            self._beginning = threading.Thread(
                target=self._begin, args=(told,), name="qd-session", daemon=True
            )
            self._beginning.start()

    def end(self) -> threading.Thread:
        """Have the end written; return what does it, so that it can be waited for."""
        thread = threading.Thread(target=self._end, name="qd-session", daemon=True)
        thread.start()
        return thread

    def _begin(self, told: Told) -> None:
        from core.actions.audit.record import Event  # noqa: PLC0415 - see the module's words

        try:
            audit = self._open_audit()
            audit.append(Event.SESSION_START, result=self._mode, env=self._environment)
        except ConsoleError as error:
            told(clean(f"that this console is open is not recorded: {error}"))
        else:
            self._audit = audit

    def _end(self) -> None:
        from core.actions.audit.record import Event  # noqa: PLC0415 - see the module's words

        self.begin(_nobody)
        if self._beginning is not None:
            self._beginning.join()
        if self._audit is None:
            return
        lasted_ms = round((self._clock.monotonic() - self._since_s) * 1000)
        try:
            self._audit.append(
                Event.SESSION_END, result=self._mode, env=self._environment, dur_ms=lasted_ms
            )
        except ConsoleError:
            return  # the beginning without an end says as much, and nobody is left to be told


def _nobody(_problem: SafeText) -> None:
    """Tell nobody: the console is gone."""
