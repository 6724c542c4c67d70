"""The part of the application that hides things from those who look."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Protocol
from weakref import WeakKeyDictionary

from textual.app import App
from textual.events import AppBlur, Event, Key, Paste, Resize
from textual.notifications import SeverityLevel
from textual.screen import Screen

from core.model.secret import Secret
from core.model.text import SafeText, clean
from core.model.veil import VEIL, Redacting
from tui.crash import CrashLog
from tui.presenting import Presenting
from tui.typing_app import TypingApp

PRESENTING = SafeText("presenting: what looks secret is hidden, and nothing is revealed")
NOT_PRESENTING = SafeText("not presenting any more: only values known to be secret are hidden")


_REVEALED = "shown on the screen"
_PASS_ON = frozenset({"ctrl+o", "ctrl+z"})
"""Keys that hide a key and then do what they always do."""


class Shown(Protocol):
    """What shows a secret now."""

    KEEPS: ClassVar[frozenset[str]]
    """Keys that do not hide it."""

    def conceal(self, why: str) -> None:
        """Hide it before anything else is drawn."""
        ...


class PresentingApp(TypingApp, inherit_bindings=False):
    """Draws again what is on the screen when other things are to be hidden.

    Args:
        crashes: Where crashes are written down.
        presenting: Who looks, and what must not be seen.
    """

    def __init__(self, crashes: CrashLog, presenting: Presenting) -> None:
        super().__init__(crashes)
        self.presenting = presenting
        self._veil_at_first = VEIL.redacting
        self._shown: Shown | None = None
        self._held_back: list[Callable[[], None]] = []
        """Notices of a time when a secret is shown: one over it would have it drawn again."""
        self._veils: WeakKeyDictionary[Screen[object], Redacting | None] = WeakKeyDictionary()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a notice, without what must not be seen; never markup."""
        text = self.presenting.hidden(message)
        tell = partial(
            super().notify, text, title=title, severity=severity, timeout=timeout, markup=False
        )
        if self._shown is None:
            tell()
        else:
            self._held_back.append(tell)

    def say(self, text: str) -> None:
        """Tell a person something that goes away by itself."""
        self.notify(clean(text), timeout=3, markup=False)

    def warn(self, text: str) -> None:
        """Tell a person something that they should not miss."""
        self.notify(clean(text), severity="warning", timeout=10, markup=False)

    def action_present(self) -> None:
        """Hide what looks secret, because others look; or no more."""
        self.conceal("others look")
        self.presenting.turn(is_on=not self.presenting.is_on)
        self.show_mode()
        self.veil_again()
        self.say(PRESENTING if self.presenting.is_on else NOT_PRESENTING)

    def show_mode(self) -> None:
        """Tell the screen in front what may be done, and who looks; the application knows how."""

    def veil_again(self) -> None:
        """Draw the screens in front again where other things are to be hidden than before."""
        redacting = VEIL.redacting
        for screen in self.screen_stack:
            if self._veils.get(screen, self._veil_at_first) is redacting:
                continue
            self._veils[screen] = redacting
            for widget in screen.walk_children():
                widget.notify_style_update()
                widget.refresh()

    # One secret on the screen: its cells are sent once, and never again

    def begin_reveal(self, secret: Secret, shown: Shown) -> bool:
        """Let the screen show a secret until something happens; tell whether that may be."""
        if not self.presenting.reveal(secret):
            return False
        self.presenting.add_known(_REVEALED, (secret,))
        self.clear_notifications()
        self._shown = shown
        # What stands still while the rest of its rows moves on would be sent again.
        self.may_scroll = False
        return True

    def end_reveal(self) -> None:
        """Let the screen show it no more, and tell what was held back."""
        self.presenting.end_reveal()
        self._shown = None
        self.may_scroll = True
        held_back, self._held_back = self._held_back, []
        for tell in held_back:
            tell()

    def conceal(self, why: str) -> None:
        """Hide the secret that is shown, if any."""
        if self._shown is not None:
            self._shown.conceal(why)

    async def on_event(self, event: Event) -> None:
        """Hide what is shown before anything becomes of what has happened."""
        shown = self._shown
        if shown is not None:
            if isinstance(event, Key | Paste):
                key = event.key if isinstance(event, Key) else ""
                if key not in shown.KEEPS:
                    shown.conceal("a key was pressed")
                    if key not in _PASS_ON:
                        return
            elif isinstance(event, Resize):
                shown.conceal("the terminal has another size")
            elif isinstance(event, AppBlur) and _is_shared(os.environ):
                shown.conceal("the terminal was left")
        await super().on_event(event)

    def action_suspend_process(self) -> None:
        """Hide what is shown: whoever comes back does not see it."""
        self.conceal("the console was suspended")
        super().action_suspend_process()

    def _after_suspension(self, app: App[Any]) -> None:
        self.conceal("the console was suspended")
        super()._after_suspension(app)


def _is_shared(env: Mapping[str, str]) -> bool:
    """Tell whether a terminal is kept by a program that others may attach to."""
    return bool(env.get("TMUX") or env.get("STY"))
