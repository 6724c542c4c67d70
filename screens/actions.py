"""Actions & audit: what runs, what ran, what can be done, and the selected action in full."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.reactive import var

from core.model.action import ActionRequest, Phase
from core.model.action_state import ActionState
from core.model.action_view import ActionsPicture
from core.model.views import Picture
from screens.action_wishes import (
    ActionsOpened,
    OfferChosen,
    OutputWanted,
    PlanWanted,
    RecoveryWanted,
)
from screens.base import ConsoleScreen
from widgets.action_details_pane import ActionDetailsPane
from widgets.actions_table_pane import ActionsTablePane
from widgets.lean_table import LeanTable
from widgets.line_strip import LineStrip
from widgets.offers_table_pane import OffersTablePane
from widgets.present.actions import trouble_line

UNDO = "action.undo"
_ID_CHARS = 26


def is_action_id(text: str) -> bool:
    """Tell whether a text is the id of an action: a ULID."""
    return len(text) == _ID_CHARS and text.isalnum() and text.isupper()


class ActionsScreen(ConsoleScreen):
    """Looks on at actions; everything that changes something goes through a plan."""

    # As Textual documents it; its own annotation is wider.
    CSS_PATH = "actions.tcss"  # pyright: ignore[reportIncompatibleVariableOverride]
    BINDINGS = [
        Binding("u", "undo", "Undo", id="action.undo", show=False),
        Binding("R", "recover", "Recover", id="action.recover", show=False),
    ]

    actions: var[ActionsPicture | None] = var(None, init=False)

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        self._wanted = ""
        """An action that was started just now, and is shown in full as soon as it is there."""

    def compose_body(self) -> ComposeResult:
        yield LineStrip(id="trouble")
        with Vertical(id="body"):
            with Vertical(id="tables"):
                yield ActionsTablePane()
                yield OffersTablePane()
            yield ActionDetailsPane()

    def on_mount(self) -> None:
        super().on_mount()
        self._show_actions()
        self.post_message(ActionsOpened())

    def show(self, picture: Picture) -> None:
        self.query_one(ActionsTablePane).now = picture.now
        self.query_one(ActionDetailsPane).picture = picture

    def watch_actions(self) -> None:
        if self.is_mounted:
            self._show_actions()

    def _show_actions(self) -> None:
        if self.actions is None:
            return
        self.query_one(ActionsTablePane).actions = self.actions
        self.query_one(OffersTablePane).actions = self.actions
        strip = self.query_one("#trouble", LineStrip)
        strip.lines = (trouble_line(self.actions, strip.size.width),)
        self._take_wanted()
        self._show_selected()

    def select(self, target: str) -> bool:
        """Go to an action by its id, now or as soon as it is there; or to a target's offers."""
        if is_action_id(target):
            self._wanted = target
            self._take_wanted()
            return True
        return super().select(target)

    def _take_wanted(self) -> None:
        table = self.query_one(ActionsTablePane)
        if self._wanted and any(row.key == self._wanted for row in table.rows):
            table.filter_text, table.faults_only = "", False
            table.cursor_key, self._wanted = self._wanted, ""
            self._open_details()

    def _open_details(self) -> None:
        # After the table has got the keys, as it does when the screen is first shown.
        self.call_after_refresh(self._turn_to_details)

    def _turn_to_details(self) -> None:
        details = self.query_one(ActionDetailsPane)
        self.add_class("-on-details")
        details.styles.display = "block"
        details.focus()

    @property
    def selected(self) -> ActionState | None:
        """The action under the cursor."""
        return self.query_one(ActionsTablePane).selected

    def _show_selected(self) -> None:
        details, state = self.query_one(ActionDetailsPane), self.selected
        details.undo_against = self._undo_against(state)
        details.actions = self.actions
        details.state = state

    def _undo_against(self, state: ActionState | None) -> str:
        if state is None:
            return "no action is selected"
        if state.phase is not Phase.COMMITTED:
            return "only what was committed is undone"
        last = next((one.title for one in state.plan.steps if one.is_irreversible), None)
        return f"there is no way back from: {last}" if last else ""

    def reason_against(self, action: str) -> str:
        """Say why an action of this screen cannot be done now."""
        if action == "undo":
            return self._undo_against(self.selected)
        if action == "recover" and (self.selected is None or not self.selected.is_left_over):
            return "it is not unfinished"
        return super().reason_against(action)

    def action_undo(self) -> None:
        """Plan the undoing of the selected action."""
        state = self.selected
        if state is not None and not self._undo_against(state):
            self.post_message(PlanWanted(ActionRequest(UNDO, state.plan.id)))

    def action_recover(self) -> None:
        """Finish what a dead executor left of the selected action."""
        if self.selected is not None and self.selected.is_left_over:
            self.post_message(RecoveryWanted(self.selected.plan.id))

    @on(LeanTable.Highlighted)
    def follow(self, message: LeanTable.Highlighted) -> None:
        """Tell about what the cursor is on."""
        message.stop()
        state = self.selected
        self.post_message(OutputWanted(state.plan.id if state is not None else ""))
        self._show_selected()

    @on(LeanTable.Selected)
    def drill(self, message: LeanTable.Selected) -> None:
        """Go from an action to all of it, from an offer to its plan."""
        message.stop()
        offers = self.query_one(OffersTablePane)
        if message.table is offers:
            if offers.selected is not None:
                self.post_message(OfferChosen(offers.selected))
            return
        self._open_details()

    @on(DescendantFocus)
    def turn_to(self, event: DescendantFocus) -> None:
        """Show the tables again when the keys go there."""
        if isinstance(event.widget, LeanTable):
            self.remove_class("-on-details")
            self.query_one(ActionDetailsPane).styles.clear_rule("display")

    def step_back(self) -> bool:
        is_on_details = self.has_class("-on-details")
        self.remove_class("-on-details")
        if is_on_details:
            self.query_one(ActionsTablePane).focus()
        return is_on_details
