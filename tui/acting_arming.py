"""The part of the application that knows whether changes are on, and the desk that acts."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.events import Key

from core.model.action_view import ActionsPicture
from core.model.text import SafeText
from screens.base import ConsoleScreen
from tui.action_marks import ActionMarks
from tui.crash import CrashLog
from tui.presenting import presenting_of
from tui.presenting_app import PresentingApp
from tui.setup import Setup
from widgets.present.header import Mode

if TYPE_CHECKING:
    from tui.action_link import ActionLink

NO_DESK = SafeText("this console was opened without a configuration to act on")
READ_ONLY = SafeText("read-only: the configuration or a flag refuses every change")
NOT_ARMED = SafeText("changes are off in this console; A switches them on")
SESSION_AFTER_S = 1.0
"""That the console is open is written down once it has something to show."""


class ArmingApp(PresentingApp, inherit_bindings=False):
    """Holds what is needed to act; nothing of it is loaded before somebody wants to.

    Args:
        setup: What the application is given.
        crashes: Where crashes are written down.
    """

    def __init__(self, setup: Setup, crashes: CrashLog) -> None:
        presenting = setup.presenting or presenting_of(setup.topology)
        super().__init__(crashes, presenting)
        self._setup = setup
        self._action_link: ActionLink | None = None
        self._asked_about = ""
        self._asked_to_do = ""
        self.actions = ActionsPicture()
        self.arming = setup.arming
        self.marks = ActionMarks()

    @property
    def has_screens(self) -> bool:
        """Whether news can be shown: an application that ends lets its screens go first."""
        return bool(self.screen_stack)

    @property
    def front(self) -> ConsoleScreen:
        """The screen that is shown, below any dialog."""
        screen = self.screen_stack[0]
        if not isinstance(screen, ConsoleScreen):
            raise TypeError(f"{screen!r} is at the root")
        return screen

    @property
    def mode(self) -> Mode:
        """What may be done now, for the header."""
        left_s = self.arming.left_s(self._setup.clock.monotonic())
        running, blocking = len(self.actions.running), len(self.actions.blocking)
        return Mode(left_s, running, blocking, self.presenting.is_on)

    def show_mode(self) -> None:
        """Tell the screen in front what may be done, and who looks."""
        self.front.mode = self.mode

    def begin_acting(self) -> None:
        """Look whether a crash has left something unfinished, if anything was ever done here."""
        session = self._setup.session
        if session is not None:
            self.set_timer(SESSION_AFTER_S, partial(session.begin, self._told), name="session")
        if self._setup.has_acted():
            self.desk_link()

    def stop_acting(self, timeout_s: float) -> None:
        """Let go; what runs goes on."""
        ending = self._setup.session.end() if self._setup.session is not None else None
        if self._action_link is not None:
            self._action_link.stop(timeout_s)
        if ending is not None:
            ending.join(timeout_s)

    def hand_over_actions(self) -> None:
        """Give the screen in front what is known of actions."""
        from tui.action_link import ActionsFront, WaitingFront

        screen = self.front
        screen.mode = self.mode
        self.veil_again()
        if isinstance(screen, ActionsFront):
            screen.actions = self.actions
        if isinstance(screen, WaitingFront):
            screen.waiting = self.actions.waiting

    def desk_link(self) -> "ActionLink | None":
        if self._action_link is None and self._setup.make_action_desk is not None:
            from tui.action_link import ActionLink

            self._action_link = ActionLink(self._setup.make_action_desk, self._take_actions)
            self._action_link.start()
        return self._action_link

    def on_key(self, _event: Key) -> None:
        self.arming = self.arming.with_key(self._setup.clock.monotonic())

    def action_arm(self) -> None:
        """Switch changes on for a while, or off again."""
        if self.mode.armed_left_s is not None:
            self.arming = self.arming.disarmed()
            if link := self.desk_link():
                link.desk.record_arming(self._told, is_armed=False)
            self.say("changes are off")
        else:
            self.say(self.arm() or "changes are on; they go off by themselves")
        self.hand_over_actions()

    def arm(self) -> str:
        """Switch changes on; return why that cannot be, or nothing."""
        if self._setup.topology.is_read_only:
            self._record_refusal("arm", READ_ONLY)
            return READ_ONLY
        link = self.desk_link()
        if link is None:
            return NO_DESK
        self.arming = self.arming.armed(self._setup.clock.monotonic())
        link.desk.record_arming(self._told, is_armed=True)
        self.hand_over_actions()
        return ""

    def _record_refusal(self, what: str, reason: SafeText, action_id: str = "") -> None:
        """Have written down that something was refused here, before the desk was asked."""
        link = self.desk_link()
        if link is not None:
            link.desk.record_refusal(what, reason, self._told, action_id)

    def _told(self, problem: SafeText) -> None:
        """Say what the desk says; called in its thread."""
        if problem:
            self.in_loop(partial(self.warn, problem))

    @property
    def monotonic_s(self) -> float:
        """Seconds that never go back."""
        return self._setup.clock.monotonic()

    def write_to_terminal(self, sequence: str) -> None:
        """Send the terminal what is no picture."""
        if self._driver is not None:
            self._driver.write(sequence)

    def in_loop(self, call: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(call)

    @property
    def _is_armed(self) -> bool:
        return self.mode.armed_left_s is not None

    def _take_actions(self, picture: ActionsPicture) -> None:
        """Take what is known of actions now."""
        raise NotImplementedError
