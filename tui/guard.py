"""The part of the application that meets exceptions: no locals on the screen, no status 0."""

import os

from textual.driver import Driver

from tui.crash import CrashLog
from tui.driver import PatientDriver
from tui.signals import exit_code_of
from tui.terminal import erases_in_colour, is_gone, scrolls_regions
from widgets.frame import FrameDiff

CRASH_CODE = 70
HANG_UP_CODE = exit_code_of(1)


class GuardedApp(FrameDiff, inherit_bindings=False):
    """Replaces Textual's crash output, which prints the values of local variables.

    Args:
        crashes: Where crashes are written down.
    """

    def __init__(self, crashes: CrashLog) -> None:
        # Textual decides here, once, how it keeps `NO_COLOR`; only native colours leave none.
        super().__init__(
            ansi_color=True if "NO_COLOR" in os.environ else None,
            erases_in_colour=erases_in_colour(),
            scrolls_regions=scrolls_regions(),
        )
        self._crashes = crashes
        self._ending_code: int | None = None

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that does not block when the terminal stops reading."""
        return PatientDriver

    @property
    def exit_code(self) -> int:
        """The status for the shell: of the signal that ended us, of a crash, else 0."""
        if self._ending_code is not None:
            return self._ending_code
        if self._crashes.line:
            return CRASH_CODE
        return self.return_code or 0

    def leave_with(self, code: int) -> None:
        """Exit because outside said so; whatever breaks on the way out does not change the code."""
        if self._ending_code is None:
            self._ending_code = code
        self.exit(return_code=code)

    def _handle_exception(self, error: Exception) -> None:
        if self._ending_code is None and isinstance(error, OSError) and is_gone():
            self._ending_code = HANG_UP_CODE
        if self._ending_code is None:
            self._crashes.record(error)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """End without printing what was handed over; it was written down already."""
        if self._ending_code is None and is_gone():
            self._ending_code = HANG_UP_CODE
        elif self._ending_code is None and not self._crashes.line:
            self._crashes.record(RuntimeError("the thread that reads the keyboard broke"))
        self._close_messages_no_wait()
