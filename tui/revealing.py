"""A new key on the screen: taken from its action once it is recorded, and hidden by anything."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from core.clients.recorders import is_detached
from core.model.action_view import ActionsPicture, RevealAnswer, WaitingKey
from core.model.secret import Secret
from core.model.text import EMPTY, SafeText, clean
from screens.reveal import Hidden, RevealScreen
from tui.action_link import ActionDeskHandle
from tui.clipboard import clipboard_sequence
from tui.presenting import Presenting
from tui.presenting_app import Shown

NOTHING_WAITS = SafeText("no new key waits to be shown: it has been, or none was made for this")
PRESENTING = SafeText("others look, so no key is shown: ctrl+o ends presentation mode")


class Revealing(Protocol):
    """What is needed of the application."""

    presenting: Presenting
    actions: ActionsPicture

    @property
    def monotonic_s(self) -> float: ...
    def in_loop(self, call: Callable[[], None]) -> None: ...
    def say(self, text: str) -> None: ...
    def warn(self, text: str) -> None: ...
    def clear_notifications(self) -> None: ...
    def begin_reveal(self, secret: Secret, shown: Shown) -> bool: ...
    def end_reveal(self) -> None: ...
    def write_to_terminal(self, sequence: str) -> None: ...
    def push_screen(self, screen: Any, callback: Callable[[Hidden | None], None]) -> Any: ...


def offer_to_reveal(app: Revealing, desk: ActionDeskHandle, action_id: str) -> None:
    """Ask whether the key that an action left shall be shown.

    Args:
        app: The application.
        desk: Takes it.
        action_id: The action; empty: the newest that left one.
    """
    found = app.actions.waiting
    waiting = next((one for one in found if action_id in {"", one.action_id}), None)
    if waiting is None:
        app.say(NOTHING_WAITS)
    elif not app.presenting.may_reveal:
        app.warn(PRESENTING)
    else:
        # Those below the dialog would go away while it shows the key, and have cells sent again.
        app.clear_notifications()
        around = _Around(app, desk, waiting)
        app.push_screen(RevealScreen(waiting, around), partial(_tell, app))


def _tell(app: Revealing, hidden: Hidden | None) -> None:
    if hidden is None:
        return
    if hidden.was_shown:
        app.say(f"the key is hidden for good: {hidden.why}")
    else:
        app.warn(hidden.why)


class _Around:
    """The console as the dialog needs it."""

    def __init__(self, app: Revealing, desk: ActionDeskHandle, waiting: WaitingKey) -> None:
        self._app, self._desk, self._waiting = app, desk, waiting
        self._was_detached = False

    def reason_against(self) -> SafeText:
        return EMPTY if self._app.presenting.may_reveal else PRESENTING

    def warning(self) -> SafeText:
        return self._app.presenting.warning_before_reveal(os.environ)

    def take(self, reply: Callable[[RevealAnswer], None]) -> None:
        def answered(answer: RevealAnswer) -> None:
            self._app.in_loop(partial(reply, answer))

        self._desk.reveal(self._waiting.action_id, answered)

    def begin(self, secret: Secret, shown: RevealScreen) -> bool:
        self._was_detached = _is_detached()
        return self._app.begin_reveal(secret, shown)

    def end(self) -> None:
        self._app.end_reveal()

    def copy(self, secret: Secret) -> SafeText:
        text = secret.reveal()
        self._app.write_to_terminal(clipboard_sequence(text, os.environ))
        said = "sent to the terminal's clipboard; paste it to see whether that took it"
        return clean(said)

    def is_left(self) -> bool:
        # Whoever comes to a tmux, and whoever leaves it for others to come, ends it.
        return _is_detached() != self._was_detached

    def monotonic_s(self) -> float:
        return self._app.monotonic_s


def _is_detached() -> bool:
    return is_detached(os.environ.get("TMUX", ""))
