"""Services: every service in one table; below it the selected one's checks and surroundings."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import DescendantFocus

from core.model.views import Picture
from screens.base import ConsoleScreen
from widgets.check_details_pane import CheckDetailsPane
from widgets.checks_table_pane import ChecksTablePane, Subject
from widgets.lean_table import LeanTable
from widgets.service_around_pane import ServiceAroundPane
from widgets.services_table_pane import ServicesTablePane


class ServicesScreen(ConsoleScreen):
    """Drills from all services to one, and from one to a check."""

    # As Textual documents it; its own annotation is wider.
    CSS_PATH = "services.tcss"  # pyright: ignore[reportIncompatibleVariableOverride]

    def compose_body(self) -> ComposeResult:
        with Vertical(id="body"):
            yield ServicesTablePane()
            with Vertical(id="below"):
                with Vertical(id="checks"):
                    yield ChecksTablePane()
                    yield ServiceAroundPane()
                yield CheckDetailsPane()

    def show(self, picture: Picture) -> None:
        self.query_one(ServicesTablePane).picture = picture
        self._show_selected()

    def _show_selected(self) -> None:
        """Hand the selected service and check to the panes that tell about them."""
        table, checks = self.query_one(ServicesTablePane), self.query_one(ChecksTablePane)
        if table.picture is None:
            return
        checks.subject = Subject(table.picture, table.selected)
        around, details = self.query_one(ServiceAroundPane), self.query_one(CheckDetailsPane)
        around.service, details.check = table.selected, checks.selected
        around.picture = details.picture = table.picture

    @on(LeanTable.Highlighted)
    def follow(self, message: LeanTable.Highlighted) -> None:
        """Tell about what the cursor is on."""
        message.stop()
        self._show_selected()

    @on(LeanTable.Selected)
    def drill(self, message: LeanTable.Selected) -> None:
        """Go from a service to its checks, and from a check to all of it."""
        message.stop()
        if self.focused is self.query_one(ServicesTablePane):
            self.query_one(ChecksTablePane).focus()
        else:
            self.query_one(CheckDetailsPane).focus()

    @property
    def offers_target(self) -> str:
        """The service that all panes tell of, whichever of them has the keys."""
        return self.query_one(ServicesTablePane).offers_target

    @on(ServicesTablePane.LogsAsked)
    def open_logs(self, message: ServicesTablePane.LogsAsked) -> None:
        """Go to the logs of a service."""
        message.stop()
        self.post_message(self.OpenRequested("logs", message.target))

    @on(DescendantFocus)
    def turn_to(self, event: DescendantFocus) -> None:
        """Show a check in full while the keys are on the checks."""
        is_on_check = isinstance(event.widget, ChecksTablePane | CheckDetailsPane)
        self.set_class(is_on_check, "-on-check")
