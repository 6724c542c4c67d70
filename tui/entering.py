"""A secret for an action: its other inputs are asked for, then the secret, which nobody sees."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from core.model.action import ActionRequest, Input, Offer
from core.model.action_view import ENTERED, PlanAnswer
from core.model.secret import Secret
from core.model.text import clean
from screens.inputs import InputsScreen
from screens.secret_entry import SecretEntryScreen
from tui.action_link import ActionDeskHandle


class Entering(Protocol):
    """What is needed of the application."""

    def in_loop(self, call: Callable[[], None]) -> None: ...
    def say(self, text: str) -> None: ...
    def clear_notifications(self) -> None: ...
    def ask_for_yes(self, answer: PlanAnswer) -> None: ...
    def push_screen(self, screen: Any, callback: Callable[[Any], None]) -> Any: ...


def enter(app: Entering, desk: ActionDeskHandle, offer: Offer) -> None:
    """Ask for what an action of `ENTERED` needs to be told, and plan it."""
    asked = replace(offer, inputs=_but_entered(offer))

    def told(request: ActionRequest | None) -> None:
        if request is not None:
            _ask(app, desk, offer, request)

    if asked.inputs:
        app.push_screen(InputsScreen(asked), told)
    else:
        told(ActionRequest(offer.action, offer.target))


def _ask(app: Entering, desk: ActionDeskHandle, offer: Offer, request: ActionRequest) -> None:
    def reply(planned: PlanAnswer) -> None:
        app.in_loop(partial(app.ask_for_yes, planned))

    def entered(value: Secret | None) -> None:
        if value is not None:
            app.say(f"looking at {request.target}…")
            desk.enter(request, value, reply)

    name = request.input("name") or request.target
    app.clear_notifications()
    screen = SecretEntryScreen(offer.title, clean(f"The new value of {name}:"))
    app.push_screen(screen, entered)


def _but_entered(offer: Offer) -> tuple[Input, ...]:
    return tuple(one for one in offer.inputs if one.name != ENTERED[offer.action])
