"""Overview: which system is in trouble, since when, what exactly, what happened last."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from core.model.views import Picture
from screens.base import ConsoleScreen
from widgets.overview_changes_pane import OverviewChangesPane
from widgets.overview_details_pane import OverviewDetailsPane
from widgets.overview_headline_pane import OverviewHeadlinePane
from widgets.overview_host_pane import OverviewHostPane
from widgets.overview_systems_pane import OverviewSystemsPane
from widgets.picture_pane import PicturePane
from widgets.present.systems import Spot


class OverviewScreen(ConsoleScreen):
    """Cards of all systems; beside them the one under the cursor, providers and the machine."""

    # As Textual documents it; its own annotation is wider.
    CSS_PATH = "overview.tcss"  # pyright: ignore[reportIncompatibleVariableOverride]

    def compose_body(self) -> ComposeResult:
        yield OverviewHeadlinePane()
        with Horizontal(id="board"):
            with Vertical(id="cards"):
                yield OverviewSystemsPane()
                yield OverviewChangesPane()
                yield OverviewHostPane()
            with Vertical(id="side"):
                yield OverviewDetailsPane()
                yield OverviewHostPane()

    def show(self, picture: Picture) -> None:
        cards = self.query_one(OverviewSystemsPane)
        cards.is_compact = self.has_class("-short") or self.has_class("-narrow")
        for pane in self.query(PicturePane):
            pane.picture = picture
        self.query_one(OverviewDetailsPane).spot = cards.current

    def select(self, target: str) -> bool:
        """Put the cursor on a system, or on a service given as `system/service`."""
        system, _, service = target.partition("/")
        cards = self.query_one(OverviewSystemsPane)
        if all(view.spec.name != system for view in cards.shown):
            return False
        cards.spot = Spot(system, service)
        cards.redraw()
        self.query_one(OverviewDetailsPane).spot = cards.current
        return True

    @on(OverviewSystemsPane.Moved)
    def describe(self, message: OverviewSystemsPane.Moved) -> None:
        """Tell more about what the cursor is on."""
        message.stop()
        self.query_one(OverviewDetailsPane).spot = message.spot
