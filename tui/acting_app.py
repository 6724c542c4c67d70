"""The part of the application that acts: plans and their dialog, what runs, what can be done."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from textual import on

from core.model.action import ActionRequest, Offer
from core.model.action_view import EDITED, ENTERED, ActionsPicture, PlanAnswer
from core.model.text import EMPTY, SafeText, clean
from screens.action_wish import ActionWish, ProcedureWish
from tui.acting_arming import NO_DESK, NOT_ARMED, ArmingApp
from widgets.present.numbers import plural

if TYPE_CHECKING:
    from screens.confirm import ConfirmScreen, Said
    from tui.action_link import ActionLink


class ActingApp(ArmingApp, inherit_bindings=False):
    """Takes wishes, shows plans and what becomes of them."""

    def _take_actions(self, picture: ActionsPicture) -> None:
        if not self.has_screens:
            return
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
        if self._asked_about and picture.offers is not None:
            asked_about, self._asked_about = self._asked_about, ""
            self.offer(asked_about)
        if self._asked_to_do and picture.offers is not None:
            asked_to_do, self._asked_to_do = self._asked_to_do, ""
            self.action_do(asked_to_do)

    def complete_again(self) -> None:
        """Complete what is being typed anew, with what can be done."""
        from screens.command import CommandScreen

        if isinstance(self.screen, CommandScreen):
            self.screen.complete_again()

    @on(ActionWish)
    def take_action_wish(self, message: ActionWish) -> None:
        """Have the desk do what a screen wants."""
        message.stop()
        link = self._link_for(message)
        if link is None:
            return
        if isinstance(message, ProcedureWish):
            from tui.acting_procedures import drive

            drive(self, link.desk, message)
        else:
            self._take(message, link)

    def _take(self, message: ActionWish, link: "ActionLink") -> None:
        from screens import action_wishes as wishes

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
            case wishes.RevealWanted(action_id):
                from tui.revealing import offer_to_reveal

                offer_to_reveal(self, link.desk, action_id)
            case _:
                self.hand_over_actions()

    def _link_for(self, wish: ActionWish) -> "ActionLink | None":
        """Return who does what a screen wants; None: nobody, and a person was told why."""
        from screens.action_wishes import RecoveryWanted, ResolutionAsked

        link = self.desk_link()
        if link is None:
            self.say(NO_DESK)
        elif isinstance(wish, RecoveryWanted | ResolutionAsked) and not self._is_armed:
            self.warn(NOT_ARMED)
            self._record_refusal(wish.what, NOT_ARMED, wish.action_id)
            return None
        return link

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

    def plan(
        self, request: ActionRequest, then: "Callable[[PlanAnswer], None] | None" = None
    ) -> None:
        """Plan something and ask for a yes to the plan; `then` takes the answer instead."""
        link = self.desk_link()
        if link is None:
            self.say(NO_DESK)
            return
        self.say(f"looking at {request.target}…")

        def reply(answer: PlanAnswer) -> None:
            self.in_loop(partial(then or self.ask_for_yes, answer))

        link.desk.plan(request, reply)

    def ask_for_yes(
        self, answer: PlanAnswer, then: "Callable[[Said | None], None] | None" = None
    ) -> None:
        """Show a plan; `then` takes what was said to it, where that does not just start it."""
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
        self.push_screen(screen, then or self._said)

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

        # Its process takes a moment to come up; whoever sees nothing presses again.
        self.say(f"{plan.title}: starting…")
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

    def now(self) -> datetime:
        """Return the present moment, for ages in dialogs."""
        return self._setup.clock.now()

    def show_action(self, action_id: str) -> None:
        """Show an action where actions are shown; the application knows where that is."""

    def action_go(self, place: str, target: str = "") -> None:
        """Show a screen, and what it shall select; the application has the screens."""

    def begin_offering(self) -> None:
        """Have looked up what can be done, unless that is known."""
        link = self.desk_link()
        if link is not None and self.actions.offers is None:
            link.desk.look_up_offers()

    def action_do(self, what: str) -> None:
        """Plan an action on a target: `service.restart shop/api`."""
        offers = self.actions.offers
        if self.desk_link() is not None and offers is None:
            # Until it is known what can be done nobody can tell what it asks for.
            # The last wish counts: one dialog comes of it, not two.
            before, self._asked_to_do = self._asked_to_do, what
            self._asked_about = ""
            self.begin_offering()
            if before and before != what:
                self.warn(f"not asked for any more: {clean(before, 80)}; instead {clean(what, 80)}")
            else:
                self.say("looking up what can be done…")
            return
        action, _, target = what.partition(" ")
        wanted = (action, target.strip())
        found = next((one for one in offers or () if (one.action, one.target) == wanted), None)
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
        offers = self.actions.offers
        if offers is None:
            self._asked_about, self._asked_to_do = target, ""
            self.begin_offering()
            self.say("looking up what can be done…")
            return
        from screens.offers import OffersScreen

        self.clear_notifications()
        own = tuple(one for one in offers if _is_about(one.target, target))
        if self.front.offers_target == target:
            own = self.front.fit_offers(own, offers)
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
        if offer.action in ENTERED and link is not None:
            from tui.entering import enter

            enter(self, link.desk, offer)
            return
        if not offer.inputs:
            self.plan(ActionRequest(offer.action, offer.target))
            return
        self._ask_for_inputs(offer)

    def _ask_for_inputs(
        self, offer: Offer, refused: ActionRequest | None = None, problem: SafeText = EMPTY
    ) -> None:
        """Ask until it can be planned or nobody wants it; nothing typed is lost."""
        from screens.inputs import InputsScreen

        def answered(request: ActionRequest, answer: PlanAnswer) -> None:
            # Whoever has turned to something else meanwhile is told, and not interrupted.
            if answer.plan is None and not self.screen.is_modal:
                self.clear_notifications()
                self._ask_for_inputs(offer, request, answer.problem)
            else:
                self.ask_for_yes(answer)

        def told(request: ActionRequest | None) -> None:
            if request is not None:
                self.plan(request, partial(answered, request))

        self.push_screen(InputsScreen(offer, refused, problem), told)


def _is_about(offered: str, target: str) -> bool:
    return offered == target or offered.startswith(f"{target}/")
