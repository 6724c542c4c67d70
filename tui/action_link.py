"""Between screens and the desk of actions: wishes become orders, pictures are handed to screens."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from core.model.action import ActionRequest, Plan
from core.model.action_pages import Page
from core.model.action_view import (
    ActionsPicture,
    EditAnswer,
    PlanAnswer,
    ReleasesAnswer,
    RevealAnswer,
    RunAnswer,
    WaitingKey,
)
from core.model.procedure_ways import Move
from core.model.secret import Secret
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

    def look_up_offers(self) -> None:
        """Look up what can be done, for the picture."""
        ...

    def plan(self, request: ActionRequest, reply: Callable[[PlanAnswer], None]) -> None:
        """Plan; replies from the thread."""
        ...

    def open_text(self, request: ActionRequest, reply: Callable[[EditAnswer], None]) -> None:
        """Read the file that an edit would change; replies likewise."""
        ...

    def releases(self, target: str, reply: Callable[[ReleasesAnswer], None]) -> None:
        """Look what a repository may go to; replies likewise."""
        ...

    def hand_over(
        self, request: ActionRequest, text: str, reply: Callable[[PlanAnswer], None]
    ) -> None:
        """Keep an edited text, and plan its change; replies likewise."""
        ...

    def enter(
        self, request: ActionRequest, value: Secret, reply: Callable[[PlanAnswer], None]
    ) -> None:
        """Keep a secret in a private file, and plan with it; replies likewise."""
        ...

    def reveal(self, action_id: str, reply: Callable[[RevealAnswer], None]) -> None:
        """Take the key that an action left, once that is recorded; replies likewise."""
        ...

    def look_after(self, plan: Plan, told: Callable[[SafeText], None]) -> None:
        """Look what somebody else still has to do before a plan may start; replies likewise."""
        ...

    def confirm(
        self, plan: Plan, said: str, told: Callable[[SafeText], None], *, is_armed: bool
    ) -> None:
        """Say yes to a plan and start it."""
        ...

    def begin_run(
        self, request: ActionRequest, answer: Callable[[RunAnswer], None], *, is_armed: bool
    ) -> None:
        """Begin a procedure, `system/name`; answers from the thread once its run needs a person."""
        ...

    def move_run(
        self, run_id: str, move: Move, answer: Callable[[RunAnswer], None], *, is_armed: bool
    ) -> None:
        """Do what a person wants of a run, and go on; answers likewise."""
        ...

    def let_run_go(self, run_id: str) -> None:
        """Stop moving a run on from here."""
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


@runtime_checkable
class WaitingFront(Protocol):
    """A screen that tells of new keys which wait to be shown."""

    waiting: tuple[WaitingKey, ...]


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
