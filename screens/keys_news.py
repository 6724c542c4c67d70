"""The keys of the Keys screen for what has happened: a new key waits, a store has lost keys."""

from textual.binding import Binding
from textual.reactive import var

from core.model.action_view import WaitingKey
from core.model.key_store import KeyStoreView
from screens.action_wishes import RevealWanted
from screens.base import ConsoleScreen
from screens.keys_wish import AlarmRead
from widgets.present.keys import has_alarm


class KeysNewsScreen(ConsoleScreen):
    """Shows a new key once, and takes note that a loss was read; `store` is the one meant."""

    BINDINGS = [
        Binding("v", "reveal", "Show the new key", id="keys.reveal"),
        Binding("m", "dismiss_alarm", "Alarm read", id="keys.dismiss-alarm"),
    ]

    waiting: var[tuple[WaitingKey, ...]] = var((), init=False)
    """New keys that wait to be shown; the application assigns it."""

    @property
    def store(self) -> KeyStoreView | None:
        """The store under the cursor, or of the key there."""
        raise NotImplementedError

    def sum_up(self) -> None:
        """Say what must be known before the table is read."""
        raise NotImplementedError

    def watch_waiting(self, before: tuple[WaitingKey, ...], after: tuple[WaitingKey, ...]) -> None:
        """Say that a new key waits, or no more."""
        if before != after and self.is_mounted:
            self.sum_up()
            self.refresh_bindings()

    def action_reveal(self) -> None:
        """Have the newest new key shown, once."""
        if self.waiting:
            self.post_message(RevealWanted(self.waiting[0].action_id))

    def action_dismiss_alarm(self) -> None:
        """Say that the loss of the store under the cursor has been read."""
        store = self.store
        if store is not None and store.loss is not None and has_alarm(store):
            self.post_message(AlarmRead(store.target, store.loss.noticed))

    def reason_against(self, action: str) -> str:
        if action == "reveal" and not self.waiting:
            return "no new key waits to be shown"
        if action == "dismiss_alarm" and (self.store is None or not has_alarm(self.store)):
            return "the store under the cursor raises no alarm"
        return super().reason_against(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show keys only where they can do something."""
        if action in {"reveal", "dismiss_alarm"} and self.reason_against(action):
            return None
        return super().check_action(action, parameters)
