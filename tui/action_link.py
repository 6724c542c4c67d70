"""Between screens and the desk of actions: wishes become orders, pictures are handed to screens."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from core.model.action import ActionRequest, Plan
from core.model.action_pages import Page
from core.model.action_view import ActionsPicture, EditAnswer, PlanAnswer
from core.model.text import SafeText
from tui.feed import Feed


class ActionDeskHandle(Protocol):
    """What plans, starts and reads actions, in a thread of its own."""

    @property
    def picture(self) -> ActionsPicture:
        """What is known now."""
        ...

    def start(self) -> None:
        """Begin to work."""
        ...

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop looking; tell whether that worked in time."""
        ...

    def look_at(self, action_id: str) -> None:
        """Read this action's output too."""
        ...

    def turn_to(self, page: Page) -> None:
        """Read this page too."""
        ...

    def plan(self, request: ActionRequest, reply: Callable[[PlanAnswer], None]) -> None:
        """Plan; replies from the thread."""
        ...

    def open_text(self, request: ActionRequest, reply: Callable[[EditAnswer], None]) -> None:
        """Read the file that an edit would change; replies likewise."""
        ...

    def hand_over(
        self, request: ActionRequest, text: str, reply: Callable[[PlanAnswer], None]
    ) -> None:
        """Keep an edited text, and plan its change; replies likewise."""
        ...

    def look_after(self, plan: Plan, told: Callable[[SafeText], None]) -> None:
        """Look what somebody else still has to do before a plan may start; replies likewise."""
        ...

    def confirm(
        self, plan: Plan, said: str, told: Callable[[SafeText], None], *, is_armed: bool
    ) -> None:
        """Say yes to a plan and start it."""
        ...

    def recover(self, action_id: str, told: Callable[[SafeText], None]) -> None:
        """Finish what a dead executor left."""
        ...

    def resolve(self, action_id: str, note: str, told: Callable[[SafeText], None]) -> None:
        """Say that a person has dealt with an action."""
        ...

    def record_arming(self, told: Callable[[SafeText], None], *, is_armed: bool) -> None:
        """Write into the audit log that changes were switched on or off."""
        ...

    def record_refusal(
        self, what: str, reason: str, told: Callable[[SafeText], None], action_id: str = ""
    ) -> None:
        """Write into the audit log that the console has refused something by itself."""
        ...


MakeActionDesk = Callable[[Callable[[], None]], ActionDeskHandle]
"""Makes a desk that calls what it is given whenever its picture has changed."""


@runtime_checkable
class ActionsFront(Protocol):
    """The screen of actions, as far as it is spoken to from here."""

    actions: ActionsPicture | None


class ActionLink:
    """Owns the desk: it is made when actions are first wanted, and outlives every screen.

    Args:
        make_desk: Makes the desk.
        show: Is given each new picture, in the screen's loop.
    """

    def __init__(self, make_desk: MakeActionDesk, show: Callable[[ActionsPicture], None]) -> None:
        self._show = show
        self._shown: ActionsPicture | None = None
        self._feed = Feed(self._hand_over, self._has_news)
        self.desk = make_desk(self._feed.tell)

    def start(self) -> None:
        """Begin to read actions."""
        self._feed.attach()
        self.desk.start()

    def stop(self, timeout_s: float) -> None:
        """Let go of the desk; what runs goes on."""
        self._feed.detach()
        self.desk.stop(timeout_s)

    def _has_news(self) -> bool:
        return self.desk.picture is not self._shown

    def _hand_over(self) -> None:
        self._shown = self.desk.picture
        self._show(self._shown)
