"""The part of the application that acts: arming, plans and their dialog, what runs."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.events import Key

from core.model.action import ActionRequest, Offer
from core.model.action_view import EDITED, ActionsPicture, PlanAnswer
from core.model.text import SafeText, clean
from screens.action_wish import ActionWish
from screens.base import ConsoleScreen
from tui.action_marks import ActionMarks
from tui.crash import CrashLog
from tui.presenting import presenting_of
from tui.presenting_app import PresentingApp
from tui.setup import Setup
from widgets.present.header import Mode
from widgets.present.numbers import plural

if TYPE_CHECKING:
    from screens.confirm import ConfirmScreen, Said
    from tui.action_link import ActionLink

NO_DESK = SafeText("this console was opened without a configuration to act on")
READ_ONLY = SafeText("read-only: the configuration or a flag refuses every change")
NOT_ARMED = SafeText("changes are off in this console; A switches them on")
SESSION_AFTER_S = 1.0
"""That the console is open is written down once it has something to show."""


class ActingApp(PresentingApp, inherit_bindings=False):
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
        self.actions = ActionsPicture()
        self.arming = setup.arming
        self.marks = ActionMarks()

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
        from tui.action_link import ActionsFront

        screen = self.front
        screen.mode = self.mode
        self.veil_again()
        if isinstance(screen, ActionsFront):
            screen.actions = self.actions

    def desk_link(self) -> "ActionLink | None":
        if self._action_link is None and self._setup.make_action_desk is not None:
            from tui.action_link import ActionLink

            self._action_link = ActionLink(self._setup.make_action_desk, self._take_actions)
            self._action_link.start()
        return self._action_link

    def _take_actions(self, picture: ActionsPicture) -> None:
        from tui.action_link import ActionsFront

        was = {one.plan.id: one for one in self.actions.states}
        for state in picture.states:
            before = was.get(state.plan.id)
            if before is not None and state.is_ended and not before.is_ended:
                word = state.proof.value if state.proof else state.phase.value.replace("_", " ")
                self.say(f"{state.plan.title}: {word}")
        self.marks.take(was, picture.states)
        is_first = picture.is_read and not self.actions.is_read
        if is_first and picture.blocking and not isinstance(self.front, ActionsFront):
            count = plural(len(picture.blocking), "action")
            self.warn(f"{count} unfinished; 0 says what was found and offers the way out")
        has_other_offers = picture.offers is not self.actions.offers
        self.actions = picture
        self.hand_over_actions()
        if has_other_offers:
            self.complete_again()
        if self._asked_about and picture.is_read:
            asked_about, self._asked_about = self._asked_about, ""
            self.offer(asked_about)

    def on_key(self, _event: Key) -> None:
        self.arming = self.arming.with_key(self._setup.clock.monotonic())

    def complete_again(self) -> None:
        """Complete what is being typed anew, with what can be done."""
        from screens.command import CommandScreen

        if isinstance(self.screen, CommandScreen):
            self.screen.complete_again()

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

    def in_loop(self, call: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(call)

    @on(ActionWish)
    def take_action_wish(self, message: ActionWish) -> None:
        """Have the desk do what a screen wants."""
        message.stop()
        from screens import action_wishes as wishes

        link = self.desk_link()
        if link is None:
            self.say(NO_DESK)
            return
        is_way_out = isinstance(message, wishes.RecoveryWanted | wishes.ResolutionAsked)
        if is_way_out and self.mode.armed_left_s is None:
            self.warn(NOT_ARMED)
            self._record_refusal(message.what, NOT_ARMED, message.action_id)
            return
        match message:
            case wishes.PlanWanted(request):
                self.plan(request)
            case wishes.OfferChosen(offer):
                self.take_offer(offer)
            case wishes.OutputWanted(action_id):
                link.desk.look_at(action_id)
            case wishes.RecoveryWanted(action_id):
                link.desk.recover(action_id, self._told)
            case wishes.ResolutionAsked(action_id, title):
                self._ask_how(action_id, title)
            case wishes.PageTurned(page):
                link.desk.turn_to(page)
                self.hand_over_actions()
            case wishes.OffersWanted(target):
                self.offer(target)
            case _:
                self.hand_over_actions()

    def _ask_how(self, action_id: str, title: SafeText) -> None:
        """Ask how a person has dealt with an action, and write that down."""
        from screens.note import NoteScreen

        def told(note: str | None) -> None:
            link = self.desk_link()
            if note and link is not None:
                link.desk.resolve(action_id, note, self._told)

        text = SafeText(
            "Say so once its targets are as they should be. They are free for other actions then; "
            "what you write here stands in the audit log under your name."
        )
        label = SafeText("What was found, and what was done about it:")
        self.push_screen(NoteScreen(title, text, label), told)

    def plan(self, request: ActionRequest) -> None:
        """Plan something and ask for a yes to the plan."""
        link = self.desk_link()
        if link is None:
            self.say(NO_DESK)
            return
        self.say(f"looking at {request.target}…")

        def reply(answer: PlanAnswer) -> None:
            self.in_loop(partial(self.ask_for_yes, answer))

        link.desk.plan(request, reply)

    def ask_for_yes(self, answer: PlanAnswer) -> None:
        if answer.plan is None:
            self.warn(answer.problem)
            return
        from screens.confirm import Around, ConfirmScreen

        self.clear_notifications()
        around = Around(
            self._setup.clock.monotonic, self.arm, self._look_after, self._record_refusal
        )
        is_armed = self.mode.armed_left_s is not None
        screen = ConfirmScreen(answer, answer.plan, around, is_armed=is_armed)
        self.push_screen(screen, self._said)

    def _look_after(self, dialog: "ConfirmScreen") -> None:
        """Have a dialog told what somebody else still has to do."""
        link = self.desk_link()
        if link is not None:

            def told(waits_for: SafeText) -> None:
                self.in_loop(partial(dialog.take_waiting, waits_for))

            link.desk.look_after(dialog.plan, told)

    def _said(self, said: "Said | None") -> None:
        link = self.desk_link()
        if said is None or link is None:
            return
        if said.looks_again:
            self.plan(said.plan.request)
            return
        plan, is_armed = said.plan, self.mode.armed_left_s is not None

        def told(problem: SafeText) -> None:
            self.in_loop(partial(self._started, plan.id, problem))

        link.desk.confirm(plan, said.text, told, is_armed=is_armed)

    def _started(self, action_id: str, problem: SafeText) -> None:
        """Show what was started, or why it was not."""
        if problem:
            self.warn(problem)
            return
        link = self.desk_link()
        if link is not None:
            link.desk.look_at(action_id)
        self.show_action(action_id)

    def show_action(self, action_id: str) -> None:
        """Show an action where actions are shown; the application knows where that is."""

    def begin_offering(self) -> None:
        """Have looked up what can be done, for the palette and for completion."""
        self.desk_link()

    def action_do(self, what: str) -> None:
        """Plan an action on a target: `service.restart shop/api`."""
        action, _, target = what.partition(" ")
        wanted = (action, target.strip())
        found = next(
            (one for one in self.actions.offers if (one.action, one.target) == wanted), None
        )
        if found is None:
            self.plan(ActionRequest(*wanted))
        elif found.reason_against:
            self.warn(found.reason_against)
        else:
            self.take_offer(found)

    def action_offers(self) -> None:
        """Show what can be done with what is under the cursor."""
        if self.desk_link() is None:
            self.say(NO_DESK)
        elif target := self.front.offers_target:
            self.offer(target)

    def offer(self, target: str) -> None:
        """Show what can be done with a target, as soon as that is known."""
        if not self.actions.is_read:
            self._asked_about = target
            self.say("looking up what can be done…")
            return
        from screens.offers import OffersScreen

        self.clear_notifications()
        own = tuple(one for one in self.actions.offers if _is_about(one.target, target))
        if self.front.offers_target == target:
            own = self.front.fit_offers(own, self.actions.offers)
        self.push_screen(OffersScreen(clean(target), own), self.take_offer)

    def take_offer(self, offer: Offer | None) -> None:
        """Ask for what an action needs to be told, then plan it."""
        if offer is None:
            return
        link = self.desk_link()
        if offer.action in EDITED and link is not None:
            from tui.editing import edit

            edit(self, link.desk, ActionRequest(offer.action, offer.target))
            return
        if not offer.inputs:
            self.plan(ActionRequest(offer.action, offer.target))
            return
        from screens.inputs import InputsScreen

        def told(request: ActionRequest | None) -> None:
            if request is not None:
                self.plan(request)

        self.push_screen(InputsScreen(offer), told)


def _is_about(offered: str, target: str) -> bool:
    return offered == target or offered.startswith(f"{target}/")
