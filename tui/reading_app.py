"""The part of the application that has something read in threads of its own: logs, Redis."""

import os
from typing import TYPE_CHECKING

from textual import on

from core.clients.identity import user_name
from core.model.veil import VEIL
from core.model.views import Picture
from screens.keys_wish import AlarmRead
from screens.log_wish import LogWish
from screens.redis_wish import RedisWished
from tui.acting_app import ActingApp
from tui.clipboard import clipboard_sequence, keep_copy
from tui.crash import CrashLog
from tui.holding import HeldFrames
from tui.setup import Setup
from widgets.present.numbers import plural

if TYPE_CHECKING:
    from tui.keys_link import KeysLink
    from tui.log_link import LogLink
    from tui.redis_link import RedisLink


class ReadingApp(ActingApp, inherit_bindings=False):
    """Passes wishes on to whoever reads, and what was read to the screen in front.

    Args:
        setup: What the application is given.
        crashes: Where crashes are written down.
    """

    def __init__(self, setup: Setup, crashes: CrashLog) -> None:
        super().__init__(setup, crashes)
        self._picture: Picture | None = None
        self.held = HeldFrames(self)
        self._log_link: LogLink | None = None
        self._redis_link: RedisLink | None = None
        self._keys_link: KeysLink | None = None

    @property
    def is_paused(self) -> bool:
        """Whether the screen is frozen on purpose."""
        return self._picture is not None and self._picture.is_paused

    def begin_reading(self) -> None:
        """Look at what must be watched even while no screen shows it: stores that lose keys."""
        make_desk = self._setup.make_keys_desk
        if make_desk is not None:
            from tui.keys_link import KeysLink

            self._keys_link = KeysLink(make_desk, self._front_if_any, self.warn, self.in_loop)
            # Somebody may have turned to a screen of keys before this came to be.
            self._keys_link.turned_to(self.front)

    def _front_if_any(self) -> object:
        """Return the screen in front; nothing once the application lets its screens go."""
        return self.front if self.has_screens else None

    def show_readings(self) -> None:
        """Give the screen in front what has been read meanwhile."""
        if self._log_link is not None:
            self._log_link.show_again()
        if self._redis_link is not None:
            self._redis_link.turned_to(self.front)
            self._redis_link.show_again()
        if self._keys_link is not None:
            self._keys_link.turned_to(self.front)
            if not self.is_paused:
                self._keys_link.show_again()
        elif self._setup.make_keys_desk is None:
            self._say_no_stores()

    def _say_no_stores(self) -> None:
        """Nobody looks where nothing is configured: that is known at once, and not loading."""
        from core.model.keys_view import KeysPicture
        from tui.keys_link import KeysFront

        screen = self.front
        if isinstance(screen, KeysFront) and screen.keys is None:
            screen.keys = KeysPicture(is_read=True, are_secrets_read=True)

    def refresh_readings(self) -> None:
        """Read again now what is looked at from time to time."""
        if self._redis_link is not None:
            self._redis_link.refresh()
        if self._keys_link is not None:
            self._keys_link.desk.look_now()

    def stop_reading(self, timeout_s: float) -> None:
        """Let go of everything that is read."""
        for link in (self._log_link, self._redis_link, self._keys_link):
            if link is not None:
                link.stop(timeout_s)

    @on(LogWish)
    def take_log_wish(self, message: LogWish) -> None:
        """Have the desk do what the Logs screen wants."""
        message.stop()
        # Nobody pays for the log engine before logs are looked at.
        from screens.log_wishes import CopyWanted
        from tui.log_link import LogLink, LogsFront, Pace

        screen = self.front
        if not isinstance(screen, LogsFront):
            return
        if isinstance(message, CopyWanted):
            self._copy(message.text)
            return
        if self._log_link is None:
            if self._setup.make_desk is None:
                return
            clock = self._setup.clock
            self._log_link = LogLink(
                self._setup.make_desk,
                lambda: clock.now().timestamp(),
                lambda: isinstance(self._front_if_any(), LogsFront),
                Pace(
                    clock.monotonic,
                    self.call_after_refresh,
                    lambda: self.held.hold("logs"),
                    lambda: self.held.let_go("logs"),
                ),
                self.marks,
            )
        self._log_link.take(screen, message)

    @on(RedisWished)
    def take_redis_wish(self, message: RedisWished) -> None:
        """Have the desk look at what a screen wants to see of Redis."""
        message.stop()
        if self._redis_link is None:
            if self._setup.make_redis_desk is None:
                return
            # Nobody pays for redis-py before something of Redis is looked at.
            from tui.redis_beside import beside
            from tui.redis_link import RedisLink

            self._redis_link = RedisLink(
                self._setup.make_redis_desk,
                self._front_if_any,
                lambda: self.is_paused,
                lambda known: beside(known, self._picture),
            )
        self._redis_link.take(message.wish)

    @on(AlarmRead)
    def take_alarm_read(self, message: AlarmRead) -> None:
        """Have it kept that a person has read of lost keys."""
        message.stop()
        if self._keys_link is not None:
            who = user_name(os.geteuid())
            self._keys_link.desk.dismiss(message.target, message.noticed, who, self._told)

    def _copy(self, text: str) -> None:
        """Copy, and say where the text is now."""
        if not text:
            self.say("there is nothing to copy here")
            return
        text = VEIL.hide(text)
        sequence = clipboard_sequence(text, os.environ)
        if sequence and self._driver is not None:
            self._driver.write(sequence)
        try:
            place = f"; also in {keep_copy(text)}"
        except OSError as error:
            place = f"; no file could be written: {error.strerror}"
        sent = "sent to the terminal's clipboard" if sequence else "too long for a clipboard"
        self.say(f"{plural(len(text), 'character')} {sent}{place}")
