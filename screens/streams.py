"""Streams: every stream of every server, its groups, pending entries, entries, dead letters."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import DescendantFocus, Resize, ScreenResume

from core.model.redis_view import RedisPicture, Watch
from core.model.views import Picture
from screens.stream_bindings import STREAM_BINDINGS
from screens.stream_doing import StreamDoing
from screens.stream_looking import TABLES
from widgets.entries_table_pane import EntriesTablePane
from widgets.lean_table import LeanTable
from widgets.letters_table_pane import LetterGroupsTablePane, LettersTablePane
from widgets.line_strip import LineStrip
from widgets.line_view import LineView
from widgets.pending_table_pane import PendingTablePane
from widgets.present.fitting import cut
from widgets.present.line import Line
from widgets.present.stream_letters import letters_status
from widgets.present.stream_page_status import entries_status, entry_line, nothing_line, row_line
from widgets.present.stream_pages import StreamPage
from widgets.present.stream_pending import pending_status
from widgets.present.streams import streams_summary
from widgets.query_bar import QueryBar
from widgets.stream_details_pane import StreamDetailsPane
from widgets.stream_entry_pane import StreamEntryPane
from widgets.stream_groups_table_pane import StreamGroupsTablePane
from widgets.stream_pages_pane import StreamPagesPane
from widgets.streams_table_pane import StreamsTablePane

_PAGES = tuple(StreamPage)
_OURS = frozenset({"logs", "tail", "time", "entries", "raw", "more"})


class StreamsScreen(StreamDoing):
    """One page at a time; beside it, below it or in its place what the cursor is on."""

    # As Textual documents it; its own annotation is wider.
    CSS_PATH = "streams.tcss"  # pyright: ignore[reportIncompatibleVariableOverride]
    BINDINGS: ClassVar[list[BindingType]] = STREAM_BINDINGS

    def compose_body(self) -> ComposeResult:
        yield StreamPagesPane()
        yield LineStrip(id="stream-status")
        with Vertical(id="stream-body"):
            with Vertical(id="stream-tables"):
                yield StreamsTablePane()
                yield StreamGroupsTablePane()
                yield PendingTablePane()
                yield EntriesTablePane()
                yield LettersTablePane()
                yield LetterGroupsTablePane()
            yield StreamDetailsPane()
            yield StreamEntryPane()
        yield QueryBar()

    def on_mount(self) -> None:
        self.watch_page()
        self.watch_redis()

    @on(ScreenResume)
    def watch_streams(self) -> None:
        """Have the servers looked at for as long as this is in front."""
        self.wish(Watch(frozenset({"streams"})))

    def show(self, picture: Picture) -> None:
        self.query_one(StreamDetailsPane).picture = picture
        self.query_one(StreamEntryPane).picture = picture
        if self.redis is None and not any(one.redis for one in picture.topology.systems):
            # Nobody looks where nothing is configured: that is known at once, and not loading.
            self.redis = RedisPicture(is_read=True)
        self.retell()

    # What has come

    def watch_redis(self) -> None:
        if self.redis is None or not self.is_up:
            return
        self.query_one(StreamsTablePane).redis = self.redis
        self.query_one(StreamDetailsPane).redis = self.redis
        self.query_one(StreamPagesPane).redis = self.redis
        self._show_page()
        self._refresh_filter()
        self._take_aim()

    def _show_page(self) -> None:
        """Hand the page in front what has come for it."""
        match self.page:
            case StreamPage.STREAMS:
                self.query_one(StreamGroupsTablePane).stream = self.stream
            case StreamPage.PENDING:
                pending = self.query_one(PendingTablePane)
                pending.empty_text = self._nothing("pending entries", self.pending_wish is not None)
                pending.page = self.pending_page
            case StreamPage.ENTRIES:
                entries = self.query_one(EntriesTablePane)
                entries.empty_text = self._nothing("entries", self.entries_wish is not None)
                entries.page = self.entries_page
                self.settle()
            case StreamPage.LETTERS:
                wished = self.letters_wish is not None
                for table in (LettersTablePane, LetterGroupsTablePane):
                    self.query_one(table).empty_text = self._nothing("dead letters", wished)
                    self.query_one(table).letters = self.letters
        self._show_selected()
        self.retell()

    def _nothing(self, what: str, is_wished: bool) -> Line:
        """Return why the page in front has no rows."""
        page = {
            StreamPage.PENDING: self.pending_page,
            StreamPage.ENTRIES: self.entries_page,
        }.get(self.page, self.letters)
        view = self.redis.server(self.server_here) if self.redis is not None else None
        return nothing_line(
            what,
            self.stream_here or self.stream,
            view.trouble if view is not None else None,
            self.view_here,
            is_wished=is_wished,
            has_come=page is not None,
            query=self.query_text,
        )

    def _show_selected(self) -> None:
        """Tell about what the cursor is on."""
        details, entry = self.query_one(StreamDetailsPane), self.query_one(StreamEntryPane)
        groups = self.query_one(StreamGroupsTablePane)
        self.query_one(StreamPagesPane).server = self.server_here
        match self.page:
            case StreamPage.STREAMS:
                is_on_groups = self.table is groups
                details.group, details.consumer = groups.selected if is_on_groups else (None, None)
                details.stream = self.stream
                details.server = self.query_one(StreamsTablePane).server
            case StreamPage.PENDING:
                entry.subject = self.query_one(PendingTablePane).selected
            case StreamPage.ENTRIES:
                entry.subject = self.query_one(EntriesTablePane).selected
            case StreamPage.LETTERS:
                entry.subject = self.query_one(LettersTablePane).selected

    def retell(self) -> None:
        """Draw the line above the rows."""
        strip = self.query_one("#stream-status", LineStrip)
        width = strip.size.width
        if width > 0:
            strip.lines = (self._status(width), cut(self._why(), width))

    def _status(self, width: int) -> Line:
        marked = len(self.table.marked)
        view = self.view_here
        busy = view.busy if view is not None else ""
        pending, entries, letters = self.pending_page, self.entries_page, self.letters
        if self.page is StreamPage.PENDING and pending is not None:
            return pending_status(pending, marked, busy, width)
        if self.page is StreamPage.ENTRIES and entries is not None:
            return entries_status(entries, marked, busy, width)
        if self.page is StreamPage.LETTERS and letters is not None:
            only = self.query_one(LettersTablePane).only
            return letters_status(letters, only, self.query_text, marked, busy, width)
        return streams_summary(self.redis, width)

    def _why(self) -> Line:
        """Return why what the cursor is on is so, where there is no room for its details."""
        if self.page is StreamPage.STREAMS:
            details = self.query_one(StreamDetailsPane)
            view = self.redis.server(details.server) if self.redis is not None else None
            return row_line(details.stream, details.group, details.consumer, view)
        return entry_line(self.query_one(StreamEntryPane).subject)

    # Pages

    def watch_page(self) -> None:
        """Show another page, with the keys in it."""
        for page in StreamPage:
            self.set_class(page is self.page, f"-page-{page.name.lower()}")
        self.query_one(StreamPagesPane).current = self.page
        self._leave_details()
        self._show_page()
        self._refresh_filter()
        self.refresh_bindings()
        # After the style sheet has shown it: what is hidden cannot have the keys.
        self.call_after_refresh(self._focus_page)

    def _focus_page(self) -> None:
        if not isinstance(self.focused, QueryBar):
            self.table.focus()

    def action_turn(self, by: int) -> None:
        """Show the next page."""
        self.go_to_page(_PAGES[(_PAGES.index(self.page) + by) % len(_PAGES)])

    def action_entries(self) -> None:
        """Show the entries of the stream that the page in front is about."""
        stream = self.stream_here or self.stream
        if stream is not None:
            self.show_entries(stream)

    def select(self, target: str) -> bool:
        """Go to a page by its name, or to a stream of a server or service."""
        pages = {page.value: page for page in StreamPage}
        if target in pages:
            self.go_to_page(pages[target])
            return True
        table = self.query_one(StreamsTablePane)
        if self.redis is None or not self.redis.is_read:
            self._target = target
            return True
        stream, _, page = target.rpartition("/")
        if stream and page in pages:
            is_found = self.select(stream)
            # The row under the cursor is the stream that the page is about.
            self.call_after_refresh(self.go_to_page, pages[page])
            return is_found
        found = next((row.key for row in table.rows if _is_named(row.key, target)), None)
        if found is not None:
            self.page = StreamPage.STREAMS
            table.cursor_key = found
        return found is not None

    # Drilling

    @on(LeanTable.Highlighted)
    def follow(self, message: LeanTable.Highlighted) -> None:
        """Tell about what the cursor is on, and read on where the rows end."""
        message.stop()
        if isinstance(message.table, StreamsTablePane):
            self.query_one(StreamGroupsTablePane).stream = self.stream
        if type(message.table) in TABLES[self.page]:
            self.read_on(message.table)
            self._show_selected()
            self.retell()
            self.refresh_bindings()

    @on(LeanTable.MarksChanged)
    def count_marks(self, message: LeanTable.MarksChanged) -> None:
        """Say how many rows are marked."""
        message.stop()
        self.retell()

    @on(LeanTable.Selected)
    def drill(self, message: LeanTable.Selected) -> None:
        """Go from a stream to its groups, from there to what is pending, and to one entry."""
        message.stop()
        stream = self.stream
        match message.table:
            case StreamsTablePane():
                self._drill_stream()
            case StreamGroupsTablePane() as groups if stream is not None:
                group, consumer = groups.selected
                if group is not None:
                    name = consumer.name.spelled if consumer is not None else ""
                    self.show_pending(stream, group, name)
            case LetterGroupsTablePane() as groups:
                self.query_one(LettersTablePane).only = groups.selected
                self.query_one(LettersTablePane).focus()
                self.retell()
            case _:
                self.action_describe()

    def _drill_stream(self) -> None:
        stream = self.stream
        if stream is not None and stream.is_dead_letters:
            self.show_letters(stream)
        elif stream is not None and stream.groups:
            self.query_one(StreamGroupsTablePane).focus()
        else:
            self.action_describe()

    def action_describe(self) -> None:
        """Show what the cursor is on in full, with the keys in it."""
        pane = StreamDetailsPane if self.page is StreamPage.STREAMS else StreamEntryPane
        self.add_class("-on-details")
        self.query_one(pane).styles.display = "block"
        self.query_one(pane).focus()

    def action_raw(self) -> None:
        """Show fields as they are written, or decoded."""
        pane = self.query_one(StreamEntryPane)
        pane.is_raw = not pane.is_raw
        self.say(f"payloads: {'as written' if pane.is_raw else 'decoded'}")

    def _leave_details(self) -> bool:
        """Show the tables again; tell whether they were hidden, or had not the keys."""
        was_on_details = self.has_class("-on-details") or isinstance(self.focused, LineView)
        self.remove_class("-on-details")
        for pane in (StreamDetailsPane, StreamEntryPane):
            self.query_one(pane).styles.clear_rule("display")
        return was_on_details

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys of this screen only where they can do something."""
        return None if action in _OURS and self.reason_against(action) else True

    def clear_filter(self) -> bool:
        """Undo one step: what lies over the rows first, then what says which there are."""
        if self._leave_details():
            self.table.focus()
            return True
        return super().clear_filter()

    def step_back(self) -> bool:
        """Go from a page to the streams, and from the groups to their stream."""
        if self.page is not StreamPage.STREAMS:
            self.page = StreamPage.STREAMS
            return True
        if isinstance(self.focused, StreamGroupsTablePane):
            self.query_one(StreamsTablePane).focus()
            return True
        return False

    @on(DescendantFocus)
    def turn_to(self, event: DescendantFocus) -> None:
        """Show the tables again when the keys go there, and tell about the right one."""
        if isinstance(event.widget, LeanTable):
            self.came_from[self.page] = type(event.widget)
            self._leave_details()
            self._show_selected()
            self.retell()

    @on(Resize)
    def retell_in_another_room(self) -> None:
        """The line above the rows is cut to its width."""
        self.call_after_refresh(self.retell)


def _is_named(key: str, target: str) -> bool:
    """Tell whether a row is of a server, a system, or a stream that is called so."""
    server, _, stream = key.partition(" ")
    return f"/{target}/" in f"/{server}/{stream}/"
