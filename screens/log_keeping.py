"""Housekeeping on the Logs screen: the files of logs against their rules, and what can be done."""

from textual import on

from core.model.action import Offer
from screens.action_wishes import OffersWanted
from screens.log_recalling import LogRecalling
from screens.log_wishes import KeepingWanted
from widgets.log_keeping_pane import LogKeepingPane
from widgets.log_pane import LogPane


class LogKeepingScreen(LogRecalling):
    """The part of the Logs screen that shows files instead of rows."""

    def action_housekeeping(self) -> None:
        """Look at the files of all logs; once more: look again."""
        if self.has_class("-list-alone"):
            self.action_list()
        self.remove_class("-with-record")
        self.post_message(KeepingWanted(is_wanted=True))

    def action_list(self) -> None:
        """Give the list of logs the keys; once more: hide it."""
        raise NotImplementedError

    def leave_keeping(self) -> None:
        """Show all files again; once more: the rows."""
        if self.query_one(LogKeepingPane).drop_filter():
            self._refresh_filter()
            return
        self.post_message(KeepingWanted(is_wanted=False))
        self.query_one(LogPane).focus()

    @on(LogKeepingPane.ActionsWanted)
    def offer_for_files(self) -> None:
        """Offer what can be done with the file or the class under the cursor."""
        if self.offers_target:
            self.post_message(OffersWanted(self.offers_target))
        else:
            self.say("nothing is under the cursor that something can be done with")

    def fit_offers(self, about: tuple[Offer, ...], every: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """Return what can be done with files; elsewhere what the rows can."""
        if self.is_keeping:
            return self.query_one(LogKeepingPane).offers(every)
        return super().fit_offers(about, every)
