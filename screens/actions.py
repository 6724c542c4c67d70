"""Actions & audit: what runs, what ran, what can be done, the audit trail, backups, procedures."""

from typing import cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.reactive import var
from textual.widget import Widget

from core.model.action_pages import Page, ProcedureEntry
from core.model.action_state import ActionState
from core.model.procedure_ways import step_in_question
from core.model.views import Picture
from screens.action_wishes import (
    OfferChosen,
    OffersWanted,
    OutputWanted,
    PageTurned,
)
from screens.actions_ways_out import WaysOutScreen
from widgets.action_details_pane import ActionDetailsPane
from widgets.action_page_details_pane import ActionPageDetailsPane
from widgets.action_pages_pane import ActionPagesPane
from widgets.actions_table_pane import ActionsTablePane
from widgets.audit_table_pane import AuditTablePane
from widgets.backups_table_pane import BackupsTablePane
from widgets.filterable import Filterable
from widgets.lean_table import LeanTable
from widgets.line_strip import LineStrip
from widgets.line_view import LineView
from widgets.offers_table_pane import OffersTablePane
from widgets.present.actions import summary_line
from widgets.procedures_table_pane import ProceduresTablePane

_ID_CHARS = 26
_PAGES = tuple(Page)
_TABLES: dict[Page, type[LeanTable]] = {
    Page.ACTIONS: ActionsTablePane,
    Page.POSSIBLE: OffersTablePane,
    Page.AUDIT: AuditTablePane,
    Page.BACKUPS: BackupsTablePane,
    Page.PROCEDURES: ProceduresTablePane,
}


def is_action_id(text: str) -> bool:
    """Tell whether a text is the id of an action: a ULID."""
    return len(text) == _ID_CHARS and text.isalnum() and text.isupper()


class ActionsScreen(WaysOutScreen):
    """Looks on at actions; everything that changes something goes through a plan."""

    # As Textual documents it; its own annotation is wider.
    CSS_PATH = "actions.tcss"  # pyright: ignore[reportIncompatibleVariableOverride]
    BINDINGS = [
        Binding("right_square_bracket", "turn(1)", "Next view", id="actions.next"),
        Binding("left_square_bracket", "turn(-1)", "Back", id="actions.previous", show=False),
    ]

    page: var[Page] = var(Page.ACTIONS, init=False)

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        self._wanted = ""
        """An action that was started just now, and is shown in full as soon as it is there."""
        self._step_shown: tuple[object, ...] = ()
        """Of the selected procedure: what was last asked for and offered."""

    def compose_body(self) -> ComposeResult:
        yield ActionPagesPane()
        yield LineStrip(id="summary")
        with Vertical(id="body"):
            with Vertical(id="tables"):
                for table in _TABLES.values():
                    yield table()
            yield ActionDetailsPane()
            yield ActionPageDetailsPane()

    def on_mount(self) -> None:
        self.watch_page()

    def show(self, picture: Picture) -> None:
        self._details.picture = picture
        table = self._table
        if not isinstance(table, OffersTablePane):
            table.now = picture.now
        self._sum_up()

    @property
    def _table(
        self,
    ) -> (
        ActionsTablePane | OffersTablePane | AuditTablePane | BackupsTablePane | ProceduresTablePane
    ):
        """The table of the page that is shown."""
        # The values of _TABLES are exactly these; a dict cannot say so.
        return cast("ActionsTablePane", self.query_one(_TABLES[self.page]))

    @property
    def _details(self) -> ActionDetailsPane | ActionPageDetailsPane:
        kind = ActionDetailsPane if self.page is Page.ACTIONS else ActionPageDetailsPane
        return self.query_one(kind)

    @property
    def filtered(self) -> Filterable | None:
        """The table that is shown; the others keep their own filters."""
        # As for the panes of other screens: a widget, whose reactive attributes are plain values.
        table = cast("Widget", self._table)
        return table if isinstance(table, Filterable) else None

    def watch_actions(self) -> None:
        if self.is_up:
            self._show_actions()

    def watch_page(self) -> None:
        """Show another table, with the keys in it."""
        for page in Page:
            self.set_class(page is self.page, f"-page-{page}")
        self.query_one(ActionPagesPane).current = self.page
        self._leave_details()
        self.post_message(PageTurned(self.page))
        if self.picture is not None:
            self.show(self.picture)
        self._show_actions()
        self._refresh_filter()
        # After the style sheet has shown it: what is hidden cannot have the keys.
        self.call_after_refresh(self._table.focus)

    def _show_actions(self) -> None:
        if self.actions is None:
            return
        self._table.actions = self.actions
        self._sum_up()
        self._take_wanted()
        self._show_selected()

    def _sum_up(self) -> None:
        if self.actions is not None and self.picture is not None:
            strip = self.query_one("#summary", LineStrip)
            said = summary_line(self.actions, self.page, self.picture.now, strip.size.width)
            strip.lines = (said,)

    def select(self, target: str) -> bool:
        """Go to an action by its id, now or as soon as it is there; to a page; or to a row."""
        if target in _PAGES:
            self.page = Page(target)
            return True
        if is_action_id(target):
            self._wanted, self.page = target, Page.ACTIONS
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
        details = self._details
        self.add_class("-on-details")
        details.styles.display = "block"
        details.focus()

    def _leave_details(self) -> bool:
        """Show the table again; tell whether it was hidden."""
        was_on_details = self.has_class("-on-details")
        self.remove_class("-on-details")
        for pane in (ActionDetailsPane, ActionPageDetailsPane):
            self.query_one(pane).styles.clear_rule("display")
        return was_on_details

    @property
    def selected(self) -> ActionState | None:
        """The action under the cursor, while actions are shown."""
        if self.page is not Page.ACTIONS:
            return None
        return self.query_one(ActionsTablePane).selected

    def _show_selected(self) -> None:
        table, details = self._table, self._details
        if isinstance(details, ActionDetailsPane):
            details.undo_against = self.undo_against(self.selected)
            details.actions = self.actions
            details.state = self.selected
        elif not isinstance(table, ActionsTablePane | OffersTablePane):
            details.trail = self.actions.pages.trail if self.actions is not None else None
            details.actions = self.actions
            details.subject = table.selected
            self._look_at_step()

    @property
    def procedure(self) -> ProcedureEntry | None:
        """The procedure under the cursor, while procedures are shown."""
        if self.page is not Page.PROCEDURES:
            return None
        return self.query_one(ProceduresTablePane).selected

    def _look_at_step(self) -> None:
        """Have read what the action of the step says that the selected run is at."""
        run = self.procedure.last if self.procedure is not None else None
        index = step_in_question(run) if run is not None else None
        action_id = run.records[index].action_id if run is not None and index is not None else ""
        now = (action_id, self.procedure.is_moved_here if self.procedure else False, self.ways())
        if now != self._step_shown:
            self._step_shown = now
            self.post_message(OutputWanted(action_id))
            self.refresh_bindings()

    def action_turn(self, by: int) -> None:
        """Show the next page."""
        self.page = _PAGES[(_PAGES.index(self.page) + by) % len(_PAGES)]

    @on(LeanTable.Highlighted)
    def follow(self, message: LeanTable.Highlighted) -> None:
        """Tell about what the cursor is on."""
        message.stop()
        if self.page is Page.ACTIONS:
            state = self.selected
            self.post_message(OutputWanted(state.plan.id if state is not None else ""))
        self._show_selected()
        self.refresh_bindings()

    @on(LeanTable.Selected)
    def drill(self, message: LeanTable.Selected) -> None:
        """Go from an offer to its plan, from a backup to what can be done, else to all of it."""
        message.stop()
        table = self._table
        if isinstance(table, OffersTablePane):
            if table.selected is not None:
                self.post_message(OfferChosen(table.selected))
        elif isinstance(table, BackupsTablePane):
            if table.offers_target:
                self.post_message(OffersWanted(table.offers_target))
        else:
            self._open_details()

    @on(DescendantFocus)
    def turn_to(self, event: DescendantFocus) -> None:
        """Show the tables again when the keys go there."""
        if isinstance(event.widget, LeanTable):
            self._leave_details()

    def step_back(self) -> bool:
        is_on_details = isinstance(self.focused, LineView)
        self._leave_details()
        if is_on_details:
            self._table.focus()
        return is_on_details
