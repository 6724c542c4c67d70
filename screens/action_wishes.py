"""What a person wants of actions, as screens post it to the application."""

from dataclasses import dataclass
from typing import ClassVar

from core.model.action import ActionRequest, Offer
from core.model.action_pages import Page
from core.model.text import SafeText
from screens.action_wish import ActionWish


@dataclass
class PageTurned(ActionWish):
    """The screen of actions is looked at, and this page of it."""

    page: Page


@dataclass
class PlanWanted(ActionWish):
    """Plan this and show the plan; nothing is changed by that."""

    request: ActionRequest


@dataclass
class OfferChosen(ActionWish):
    """Ask for what this needs to be told, then plan it."""

    offer: Offer


@dataclass
class OutputWanted(ActionWish):
    """Read this action's output as well; empty: nobody looks at one any more."""

    action_id: str


@dataclass
class RecoveryWanted(ActionWish):
    """Finish what a dead executor left."""

    what: ClassVar[str] = "recover"

    action_id: str


@dataclass
class ResolutionAsked(ActionWish):
    """A person has dealt with an action; ask them how."""

    what: ClassVar[str] = "resolve"

    action_id: str
    title: SafeText


@dataclass
class RevealWanted(ActionWish):
    """Show the new key that this action left, once; empty: the newest that waits."""

    action_id: str


@dataclass
class OffersWanted(ActionWish):
    """Show what can be done with something, such as `shop/api`."""

    target: str
