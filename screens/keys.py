"""Keys: API keys of all stores, what they are used for, and the secrets of all systems."""

from collections.abc import Callable
from functools import partial
from typing import cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.reactive import var
from textual.widget import Widget

from core.model.action import Offer
from core.model.key_store import KeyStoreView
from core.model.keys_view import KeysPicture
from core.model.views import Picture
from screens.key_offers import key_offers, secret_offers
from screens.keys_news import KeysNewsScreen
from widgets.filter_bar import FilterBar
from widgets.filterable import Filterable
from widgets.key_details_pane import KeyDetailsPane
from widgets.key_filter_bar import KeyFilterBar
from widgets.key_stores_table_pane import KeyStoresTablePane
from widgets.key_usage_pane import KeyUsagePane
from widgets.keys_pages_pane import KeysPagesPane
from widgets.keys_table_pane import KeysTablePane
from widgets.lean_table import LeanTable
from widgets.line_strip import LineStrip
from widgets.line_view import LineView
from widgets.present.fitting import cut
from widgets.present.key_notes import (
    alarm_lines,
    fewer,
    hidden_lines,
    keys_summary,
    store_notes,
)
from widgets.present.key_pages import KeysPage
from widgets.present.key_typing import looks_like_key
from widgets.present.keys import KeyEntry
from widgets.present.line import Line
from widgets.present.reveal import waiting_line
from widgets.present.secrets import secrets_notes, secrets_summary
from widgets.secrets_table_pane import SecretsTablePane

_PAGES = tuple(KeysPage)
_TABLES: dict[KeysPage, type[LeanTable]] = {
    KeysPage.KEYS: KeysTablePane,
    KeysPage.USAGE: KeyStoresTablePane,
    KeysPage.SECRETS: SecretsTablePane,
}
_NOTES = {"-tall": 8, "-medium": 5}
_FEWEST_NOTES = 3
_HEADER_LINES, _FEWEST_LINES = 1, 3
_MOST_STORES = 5
"""More scroll: below them is what one of them is used for."""


class KeysScreen(KeysNewsScreen):
    """Looks at keys and secrets; what changes them goes through a plan. No key is ever whole."""

    # As Textual documents it; its own annotation is wider.
    CSS_PATH = "keys.tcss"  # pyright: ignore[reportIncompatibleVariableOverride]
    BINDINGS = [
        Binding("right_square_bracket", "turn(1)", "Next view", id="keys.next"),
        Binding("left_square_bracket", "turn(-1)", "Back", id="keys.previous", show=False),
        Binding("d", "describe", "Describe", id="keys.describe", show=False),
    ]

    keys: var[KeysPicture | None] = var(None, init=False)
    """What is known of keys and secrets; the application assigns it."""
    page: var[KeysPage] = var(KeysPage.KEYS, init=False)
    find_key: Callable[[str, Callable[[str], None]], None] | None = None
    """Looks for a whole key and tells its short id, empty where it is none; assigned likewise."""
    _sought: str = ""

    def compose_body(self) -> ComposeResult:
        yield KeysPagesPane()
        yield LineStrip(id="summary")
        yield LineStrip(id="notes")
        with Vertical(id="body"):
            with Vertical(id="tables"):
                yield KeysTablePane()
                yield KeyStoresTablePane()
                yield SecretsTablePane()
            yield KeyDetailsPane()
            yield KeyUsagePane()

    def make_filter_bar(self) -> FilterBar:
        return KeyFilterBar()

    def on_mount(self) -> None:
        self.watch_page()
        # What was assigned before this was shown has told nobody.
        self.call_after_refresh(self.watch_keys)

    def show(self, picture: Picture) -> None:
        self.query_one(KeysTablePane).now = picture.now
        self.query_one(KeyDetailsPane).picture = picture
        self.query_one(KeyUsagePane).picture = picture
        self.sum_up()

    # What has come

    def watch_keys(self) -> None:
        if self.keys is None or not self.is_up:
            return
        self.query_one(KeysTablePane).keys = self.keys
        self.query_one(KeyStoresTablePane).keys = self.keys
        self.query_one(SecretsTablePane).keys = self.keys
        self.query_one(KeyUsagePane).keys = self.keys
        self.sum_up()
        self._show_selected()
        self._refresh_filter()
        self.refresh_bindings()
        self._take_aim()

    def sum_up(self) -> None:
        """Say what must be known before the table is read."""
        if self.keys is None or self.picture is None:
            return
        # What the rows do not need is for what the cursor is on.
        most = _MOST_STORES if self.page is KeysPage.USAGE else len(self._table.rows)
        lines_needed = min(len(self._table.rows), most) + _HEADER_LINES
        self.query_one("#tables").styles.max_height = max(_FEWEST_LINES, lines_needed)
        width, now = self.size.width, self.picture.now
        summary, notes = self.query_one("#summary", LineStrip), self.query_one("#notes", LineStrip)
        lines = alarm_lines(self.keys, now, width)
        if self.waiting:
            said = waiting_line(self.waiting[0], len(self.waiting) - 1)
            lines = (cut(said, width), *lines)
        if self.page is KeysPage.SECRETS:
            summary.lines = (secrets_summary(self.keys, width),)
            lines += secrets_notes(self.keys, width)
        else:
            summary.lines = (
                keys_summary(self.keys, self.query_one(KeysTablePane).counts_of_keys, now, width),
            )
        if self.page is KeysPage.KEYS:
            lines += hidden_lines(self.query_one(KeysTablePane).hidden, width)
            lines += store_notes(self.keys, now, width)
        self._show_notes(notes, fewer(lines, self._most_notes))

    @property
    def _most_notes(self) -> int:
        return next((most for name, most in _NOTES.items() if self.has_class(name)), _FEWEST_NOTES)

    def _show_notes(self, notes: LineStrip, lines: tuple[Line, ...]) -> None:
        notes.styles.height = len(lines)
        notes.display = bool(lines)
        notes.lines = lines

    def _show_selected(self) -> None:
        """Tell about what the cursor is on."""
        table = self._table
        if isinstance(table, KeyStoresTablePane):
            self.query_one(KeyUsagePane).store = table.selected
        else:
            self.query_one(KeyDetailsPane).subject = table.selected

    @on(KeysTablePane.Listed)
    def tell_listed(self, message: KeysTablePane.Listed) -> None:
        """Say what is known of very many keys once they have been passed over."""
        message.stop()
        self.sum_up()
        self._show_selected()
        self._refresh_filter()
        self.refresh_bindings()
        self._take_aim()

    # Pages

    @property
    def _table(self) -> KeysTablePane | KeyStoresTablePane | SecretsTablePane:
        """The table of the page that is shown."""
        # The values of _TABLES are exactly these; a dict cannot say so.
        return cast("KeysTablePane", self.query_one(_TABLES[self.page]))

    @property
    def _details(self) -> KeyDetailsPane | KeyUsagePane:
        return self.query_one(KeyUsagePane if self.page is KeysPage.USAGE else KeyDetailsPane)

    @property
    def filtered(self) -> Filterable | None:
        """The table that is shown; the others keep their own filters."""
        # As for the panes of other screens: a widget, whose reactive attributes are plain values.
        table = cast("Widget", self._table)
        return table if isinstance(table, Filterable) else None

    def watch_page(self) -> None:
        """Show another page, with the keys in its table."""
        for page in KeysPage:
            self.set_class(page is self.page, f"-page-{page}")
        self.query_one(KeysPagesPane).current = self.page
        self._leave_details()
        self.sum_up()
        self._show_selected()
        self._refresh_filter()
        self.refresh_bindings()
        # After the style sheet has shown it: what is hidden cannot have the keys.
        self.call_after_refresh(self._table.focus)

    def action_turn(self, by: int) -> None:
        """Show the next page."""
        self.page = _PAGES[(_PAGES.index(self.page) + by) % len(_PAGES)]

    def select(self, target: str) -> bool:
        """Go to a page by its name, or to a store, a key or a secret, as soon as they are there."""
        if target in _PAGES:
            self.page = KeysPage(target)
            return True
        if self.keys is None or not self.keys.is_read:
            self._target = target
            return True
        for page, kind in _TABLES.items():
            table = self.query_one(kind)
            found = next((row.key for row in table.rows if f"/{target}/" in f"/{row.key}/"), None)
            if found is not None:
                self.page, table.cursor_key = page, found
                return True
        return False

    # What is typed

    def set_filter(self, text: str) -> bool:
        """Filter; a whole key becomes its short id once that is found, and stands nowhere."""
        key = self._sought = text.strip()
        if self.find_key is None or self.keys is None or not looks_like_key(key):
            self._sought = ""
            return super().set_filter(text)
        self.find_key(key, partial(self._filter_by, key))
        return True

    def _filter_by(self, key: str, short_id: str) -> None:
        """Filter by the short id of what was looked for; as typed where that is no key of ours."""
        if self._sought != key or not self.is_up:
            return
        self._sought = ""
        is_known = short_id and self.query_one(KeysTablePane).knows(short_id)
        super().set_filter(short_id if is_known else key)
        if is_known:
            self.query_one(FilterBar).set_text(short_id)

    # What can be done

    @property
    def store(self) -> KeyStoreView | None:
        """The store under the cursor, or of the key there."""
        selected = self._table.selected
        if isinstance(selected, KeyEntry):
            return selected.store
        return selected if isinstance(selected, KeyStoreView) else None

    @property
    def offers_target(self) -> str:
        """The store or env file of what is under the cursor, whichever pane has the keys."""
        return self._table.offers_target

    @property
    def offers_inputs(self) -> tuple[tuple[str, str], ...]:
        """The short ids that are marked, or what is under the cursor."""
        table = self._table
        return () if isinstance(table, KeyStoresTablePane) else table.offers_inputs

    def fit_offers(self, about: tuple[Offer, ...], every: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """Return what can be done with the marked keys, or with what is under the cursor."""
        match self._table:
            case KeysTablePane() as table:
                return key_offers(about, table.chosen)
            case SecretsTablePane() as table if table.selected is not None:
                return secret_offers(about, table.selected, table.offers_target)
            case _:
                return super().fit_offers(about, every)

    # Drilling

    @on(LeanTable.Highlighted)
    def follow(self, message: LeanTable.Highlighted) -> None:
        """Tell about what the cursor is on."""
        message.stop()
        self._show_selected()
        self.refresh_bindings()

    @on(LeanTable.Selected)
    def drill(self, message: LeanTable.Selected) -> None:
        """Show a row in full."""
        message.stop()
        self.action_describe()

    def action_describe(self) -> None:
        """Show what the cursor is on in full, with the keys in it."""
        self.add_class("-on-details")
        self._details.styles.display = "block"
        self.call_after_refresh(self._details.focus)

    def _leave_details(self) -> bool:
        """Show the table again; tell whether it was hidden, or had not the keys."""
        was_on_details = self.has_class("-on-details") or isinstance(self.focused, LineView)
        self.remove_class("-on-details")
        for pane in (KeyDetailsPane, KeyUsagePane):
            self.query_one(pane).styles.clear_rule("display")
        return was_on_details

    @on(DescendantFocus)
    def turn_to(self, event: DescendantFocus) -> None:
        """Show the table again when the keys go there."""
        if isinstance(event.widget, LeanTable):
            self._leave_details()

    def step_back(self) -> bool:
        """Go from the details to their row."""
        was_on_details = self._leave_details()
        if was_on_details:
            self._table.focus()
        return was_on_details
