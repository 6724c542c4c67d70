"""The part of the application that takes one key after the other.

Textual hands each key to the focused widget as it comes; what that does not want goes up, widget by
widget, to the bindings of the screen and of the application. Of keys that come together the second
is handed over before the first has arrived there: `3E` would move in the view that `3` leaves, and
a line typed behind `:` would be keys of the view. So each key waits until the one before has done
what it does.
"""

from collections import deque
from functools import partial

from textual import on
from textual.events import Event, Key, Paste
from textual.message import Message

from tui.crash import CrashLog
from tui.guard import GuardedApp

_ROUNDS = 2
"""What a key has caused may send a message of its own, and take the focus elsewhere."""
_WAITS_S = 0.25
"""A key whose end is not heard of by then was lost with its dialog, or takes long: the others go
on."""


class KeyDone(Message):
    """Goes the way of a key, behind it.

    Args:
        number: Which key.
        rounds: How often it has still to go up.
    """

    def __init__(self, number: int, rounds: int) -> None:
        super().__init__()
        self.number = number
        self.rounds = rounds


class TypingApp(GuardedApp, inherit_bindings=False):
    """Holds keys and pasted texts until those before them are done.

    Args:
        crashes: Where crashes are written down.
    """

    def __init__(self, crashes: CrashLog) -> None:
        super().__init__(crashes)
        self._typed: deque[Key | Paste] = deque()
        self._key_number = 0
        self._is_key_under_way = False

    async def on_event(self, event: Event) -> None:
        """Take a key, or let it wait for its turn."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._is_key_under_way:
            self._typed.append(event)
            if len(self._typed) == 1:
                self._watch()
        else:
            self._key_number += 1
            self._is_key_under_way = True
            await super().on_event(event)
            self._send(KeyDone(self._key_number, _ROUNDS))

    def _send(self, done: KeyDone) -> None:
        if self.screen_stack and not (self.focused or self.screen).post_message(done):
            self.call_next(self._give_up, done.number)

    @on(KeyDone)
    async def _take_next(self, done: KeyDone) -> None:
        done.stop()
        if done.number != self._key_number:
            return
        if done.rounds > 1:
            self._send(KeyDone(done.number, done.rounds - 1))
            return
        self._is_key_under_way = False
        while self._typed and not self._is_key_under_way:
            # From the beginning: what hides a shown secret is asked again.
            await self.on_event(self._typed.popleft())
        if self._typed:
            self._watch()

    def _watch(self) -> None:
        self.set_timer(_WAITS_S, partial(self._give_up, self._key_number), name="typed ahead")

    async def _give_up(self, number: int) -> None:
        if number != self._key_number or not self._is_key_under_way:
            return
        self._is_key_under_way = False
        typed, self._typed = self._typed, deque()
        for event in typed:
            self._is_key_under_way = False
            await self.on_event(event)
