"""What `/` and `!` do on every screen: which pane they work on, and the line they are typed in."""

from collections.abc import Iterable

from textual import on
from textual.screen import Screen
from textual.widget import Widget

from widgets.filter_bar import FilterBar
from widgets.filterable import Filterable
from widgets.line_input import LineInput


class FilteringScreen(Screen[None], inherit_bindings=False):
    """A screen with a filter line over panes of rows; the pane with the keys is filtered."""

    def __init__(self) -> None:
        super().__init__()
        self._typed_for: Widget | None = None
        """The pane that had the keys when somebody began to type."""

    @property
    def filtered(self) -> Filterable | None:
        """The pane that `/` and `!` work on: the one with the keys, else the first there is."""
        panes: Iterable[Widget] = self.query(Widget)
        # While somebody types into a line, the pane that had the keys before is meant.
        pane = self._typed_for if isinstance(self.focused, LineInput) else self.focused
        if pane is not None and pane.is_attached:
            panes = (pane, *panes)
        return next((pane for pane in panes if isinstance(pane, Filterable)), None)

    def open_filter(self) -> None:
        """Let a person type a filter."""
        pane = self.filtered
        if pane is None:
            return
        bar = self.query_one(FilterBar)
        bar.set_text(pane.filter_text)
        self._typed_for = self.focused
        # At once, not by message: the next key is already on its way.
        bar.display = True
        self.set_focus(bar)
        self._refresh_filter()

    def toggle_faults(self) -> None:
        """Show only what is in trouble, or everything again."""
        pane = self.filtered
        if pane is not None:
            pane.faults_only = not pane.faults_only
            self._refresh_filter()

    def set_filter(self, text: str) -> bool:
        """Filter from the command line; tell whether there is anything to filter here."""
        pane = self.filtered
        if pane is None:
            return False
        pane.filter_text = text
        self._refresh_filter()
        return True

    @property
    def has_filter(self) -> bool:
        """Whether rows are hidden."""
        pane = self.filtered
        return pane is not None and (bool(pane.filter_text) or pane.faults_only)

    def clear_filter(self) -> bool:
        """Show all rows again; tell whether any filter was on."""
        pane = self.filtered
        if pane is None or not self.has_filter:
            return False
        pane.filter_text = ""
        pane.faults_only = False
        self._refresh_filter()
        return True

    @on(FilterBar.Changed)
    def filter_rows(self, message: FilterBar.Changed) -> None:
        """Filter while somebody types."""
        message.stop()
        self.set_filter(message.text)

    @on(FilterBar.Submitted)
    def keep_filter(self, message: FilterBar.Submitted) -> None:
        """Give the keys back to the rows that are left."""
        message.stop()
        self._leave_filter()

    @on(FilterBar.Cancelled)
    def drop_filter(self, message: FilterBar.Cancelled) -> None:
        """Show all rows again."""
        message.stop()
        self.set_filter("")
        self._leave_filter()

    def _leave_filter(self) -> None:
        pane = self.filtered
        if isinstance(pane, Widget):
            self.set_focus(pane)
        self._refresh_filter()

    def _refresh_filter(self) -> None:
        """Keep the filter in sight while it hides something or is typed in."""
        pane, bar = self.filtered, self.query_one(FilterBar)
        is_shown = pane is not None and (
            bool(pane.filter_text) or pane.faults_only or self.focused is bar
        )
        bar.display = is_shown
        if pane is not None and is_shown:
            if self.focused is not bar:
                bar.set_text(pane.filter_text)
            bar.is_faults_only = pane.faults_only
            bar.counts = pane.counts
