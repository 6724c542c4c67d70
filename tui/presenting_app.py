"""The part of the application that hides things from those who look."""

from weakref import WeakKeyDictionary

from textual.notifications import SeverityLevel
from textual.screen import Screen

from core.model.text import SafeText, clean
from core.model.veil import VEIL, Redacting
from tui.crash import CrashLog
from tui.guard import GuardedApp
from tui.presenting import Presenting

PRESENTING = SafeText("presenting: what looks secret is hidden, and nothing is revealed")
NOT_PRESENTING = SafeText("not presenting any more: only values known to be secret are hidden")


class PresentingApp(GuardedApp, inherit_bindings=False):
    """Draws again what is on the screen when other things are to be hidden.

    Args:
        crashes: Where crashes are written down.
        presenting: Who looks, and what must not be seen.
    """

    def __init__(self, crashes: CrashLog, presenting: Presenting) -> None:
        super().__init__(crashes)
        self.presenting = presenting
        self._veil_at_first = VEIL.redacting
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
        super().notify(text, title=title, severity=severity, timeout=timeout, markup=False)

    def say(self, text: str) -> None:
        """Tell a person something that goes away by itself."""
        self.notify(clean(text), timeout=3, markup=False)

    def warn(self, text: str) -> None:
        """Tell a person something that they should not miss."""
        self.notify(clean(text), severity="warning", timeout=10, markup=False)

    def action_present(self) -> None:
        """Hide what looks secret, because others look; or no more."""
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
