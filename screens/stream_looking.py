"""What the Streams screen looks at: which page, of which stream, and what has come of it."""

from typing import cast

from textual.reactive import var
from textual.widget import Widget

from core.model.dead_letter import DeadLetters
from core.model.redis_key import KeyName
from core.model.redis_view import (
    More,
    RedisPicture,
    RedisWish,
    ShowEntries,
    ShowLetters,
    ShowPending,
    Streams,
)
from core.model.stream import EntriesPage, Group, PendingFilter, PendingPage, Presence, Stream
from screens.base import ConsoleScreen
from screens.redis_wish import RedisWished
from widgets.entries_table_pane import EntriesTablePane
from widgets.filterable import Filterable
from widgets.lean_table import LeanTable
from widgets.letters_table_pane import LetterGroupsTablePane, LettersTablePane
from widgets.line_input import LineInput
from widgets.pending_table_pane import PendingTablePane
from widgets.present.stream_pages import StreamPage
from widgets.stream_details_pane import spec_of
from widgets.stream_groups_table_pane import StreamGroupsTablePane
from widgets.streams_table_pane import StreamsTablePane

TABLES: dict[StreamPage, tuple[type[LeanTable], ...]] = {
    StreamPage.STREAMS: (StreamsTablePane, StreamGroupsTablePane),
    StreamPage.PENDING: (PendingTablePane,),
    StreamPage.ENTRIES: (EntriesTablePane,),
    StreamPage.LETTERS: (LettersTablePane, LetterGroupsTablePane),
}
"""Tables of each page; the first has the keys when the page is turned to."""


class StreamLooking(ConsoleScreen):
    """The part of the Streams screen that wishes for pages and finds them in the picture."""

    redis: var[RedisPicture | None] = var(None, init=False)
    """What is known of all servers. The application assigns it."""
    page: var[StreamPage] = var(StreamPage.STREAMS, init=False)

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        self.pending_wish: ShowPending | None = None
        self.entries_wish: ShowEntries | None = None
        self.letters_wish: ShowLetters | None = None
        self.came_from: dict[StreamPage, type[LeanTable]] = {}
        """The table of each page that had the keys last: one comes back to where one was."""
        self._asked_more: object = None
        """The rows that were read on from: nobody asks twice for what follows them."""

    def wish(self, wish: RedisWish) -> None:
        """Tell whoever reads the servers."""
        self.post_message(RedisWished(wish))

    # What is selected

    @property
    def stream(self) -> Stream | None:
        """The stream under the cursor of the table of streams."""
        return self.query_one(StreamsTablePane).selected

    @property
    def looked_at(self) -> tuple[str, KeyName] | None:
        """Server and key of the stream that the page in front is about."""
        match self.page:
            case StreamPage.PENDING:
                wish = self.pending_wish
            case StreamPage.ENTRIES:
                wish = self.entries_wish
            case StreamPage.LETTERS:
                wish = self.letters_wish
            case StreamPage.STREAMS:
                stream = self.stream
                return (stream.server, stream.key) if stream is not None else None
        return (wish.server, wish.stream) if wish is not None else None

    @property
    def stream_here(self) -> Stream | None:
        """The stream that the page in front is about, as it is now."""
        if self.looked_at is None:
            return None
        server, key = self.looked_at
        return self.stream_called(server, key)

    def stream_called(self, server: str, key: KeyName) -> Stream | None:
        """Return a stream by its key; None: it is not known."""
        view = self._view(server)
        rows = view.rows if view is not None else ()
        return next((one for one in rows if one.key == key), None)

    @property
    def server_here(self) -> str:
        """The server that the page in front is about; empty: none."""
        if self.looked_at is not None:
            return self.looked_at[0]
        return self.query_one(StreamsTablePane).server

    def _view(self, server: str) -> Streams | None:
        return self.redis.streams_of(server) if self.redis is not None else None

    @property
    def view_here(self) -> Streams | None:
        """The streams of the server that the page in front is about."""
        return self._view(self.server_here)

    # What has come

    @property
    def pending_page(self) -> PendingPage | None:
        """The pending entries that were wished for; None: they have not come."""
        wish = self.pending_wish
        view = self._view(wish.server) if wish is not None else None
        page = view.pending if view is not None else None
        if wish is None or page is None:
            return None
        return page if (page.stream, page.group) == (wish.stream, wish.group) else None

    @property
    def entries_page(self) -> EntriesPage | None:
        """The entries that were wished for; None: they have not come."""
        wish = self.entries_wish
        view = self._view(wish.server) if wish is not None else None
        page = view.entries if view is not None else None
        return (
            page if wish is not None and page is not None and page.stream == wish.stream else None
        )

    @property
    def letters(self) -> DeadLetters | None:
        """The dead letters that were wished for; None: they have not come."""
        wish = self.letters_wish
        view = self._view(wish.server) if wish is not None else None
        page = view.letters if view is not None else None
        return (
            page if wish is not None and page is not None and page.stream == wish.stream else None
        )

    # Wishes

    def show_pending(self, stream: Stream, group: Group, consumer: str = "") -> None:
        """Show what a group, or one of its consumers, has pending."""
        wish = ShowPending(stream.server, stream.key, group.name, PendingFilter(consumer=consumer))
        if wish != self.pending_wish:
            self._clear(PendingTablePane)
        self.pending_wish = wish
        self.wish(wish)
        self.page = StreamPage.PENDING

    def show_entries(self, stream: Stream) -> None:
        """Show a stream's newest entries."""
        wish = ShowEntries(stream.server, stream.key)
        if self.entries_wish is None or self.entries_wish.stream != stream.key:
            self._clear(EntriesTablePane)
        self.entries_wish = wish
        self.wish(wish)
        self.page = StreamPage.ENTRIES

    def show_letters(self, stream: Stream) -> None:
        """Show a stream's dead letters."""
        wish = ShowLetters(stream.server, stream.key)
        if self.letters_wish is None or self.letters_wish.stream != stream.key:
            self._clear(LettersTablePane)
        self.letters_wish = wish
        self.wish(wish)
        self.page = StreamPage.LETTERS

    def _clear(self, kind: type[LeanTable]) -> None:
        """Drop what was said of other rows."""
        table = self.query_one(kind)
        table.filter_text, table.faults_only, table.marked = "", False, frozenset()
        if isinstance(table, LettersTablePane):
            table.only = None

    def go_to_page(self, page: StreamPage) -> None:
        """Show a page about what is selected; what it showed before where that is the same."""
        stream = self.stream
        if stream is not None and page is not StreamPage.STREAMS:
            self._wish_for(page, stream)
        self.page = page

    def _wish_for(self, page: StreamPage, stream: Stream) -> None:
        """Wish for a page about a stream, unless it is there; or forget what it was about."""
        match page:
            case StreamPage.PENDING:
                self._wish_pending(stream)
            case StreamPage.ENTRIES:
                self._wish_entries(stream)
            case _:
                self._wish_letters(self.letters_of(stream))

    def _wish_pending(self, stream: Stream) -> None:
        group, _ = self.query_one(StreamGroupsTablePane).selected
        group, wish = group or _busiest(stream), self.pending_wish
        if group is None:
            self.pending_wish = None
        elif wish is None or not _is_about(wish, stream) or wish.group != group.name:
            self.show_pending(stream, group)
        elif self.pending_page is None:
            self.wish(wish)

    def _wish_entries(self, stream: Stream) -> None:
        wish = self.entries_wish
        if not _is_there(stream):
            self.entries_wish = None
        elif wish is None or not _is_about(wish, stream):
            self.show_entries(stream)
        elif self.entries_page is None:
            self.wish(wish)

    def _wish_letters(self, stream: Stream | None) -> None:
        wish = self.letters_wish
        if stream is None:
            self.letters_wish = None
        elif wish is None or not _is_about(wish, stream):
            self.show_letters(stream)
        elif self.letters is None:
            self.wish(wish)

    def letters_of(self, stream: Stream | None) -> Stream | None:
        """Return the dead letters that belong to a stream, or any of its server; None: none."""
        if stream is None or stream.is_dead_letters:
            return stream
        view = self._view(stream.server)
        found = [one for one in view.rows if one.is_dead_letters] if view is not None else []
        spec = spec_of(self.picture, stream) if self.picture is not None else None
        named = spec.dead_letters if spec is not None else ()
        return next((one for one in found if one.key.spelled in named), next(iter(found), None))

    def read_on(self, table: LeanTable) -> None:
        """Ask for what follows the rows when the cursor is on the last of them, or the first."""
        shown = table.shown
        if not shown or table.filter_text or table.faults_only or table.sort_column:
            return
        at_first, at_last = (table.cursor_key == shown[end].key for end in (0, -1))
        match table:
            case PendingTablePane(page=PendingPage(is_at_end=False) as page) if at_last:
                self._ask_more(page.rows, More(page.server))
            case LettersTablePane(letters=DeadLetters(is_at_end=False) as page) if at_last:
                self._ask_more(page.rows, More(page.server))
            case EntriesTablePane(page=EntriesPage(is_at_start=False) as page) if at_last:
                self._ask_more(page.rows, More(page.server, is_before=True))
            case EntriesTablePane(page=EntriesPage(is_at_end=False) as page) if at_first:
                self._ask_more(page.rows, More(page.server))
            case _:
                pass

    def action_more(self) -> None:
        """Read on where reading ended: after the rows, of entries from the newest before them."""
        if self.more_wish is not None:
            self.wish(self.more_wish)

    @property
    def more_wish(self) -> More | None:
        """What reads on; None: everything was read, or is being read."""
        view = self.view_here
        if view is None or view.busy:
            return None
        match self.page:
            case StreamPage.PENDING:
                page = self.pending_page
                is_over = page is None or page.is_at_end
            case StreamPage.ENTRIES:
                entries, wish = self.entries_page, self.entries_wish
                if entries is None or wish is None:
                    return None
                is_before = wish.is_from_end and wish.start is None
                is_over = entries.is_at_start if is_before else entries.is_at_end
                return None if is_over else More(entries.server, is_before)
            case StreamPage.LETTERS:
                is_over = self.letters is None or self.letters.is_at_end
            case StreamPage.STREAMS:
                is_over = True
        return None if is_over else More(view.server)

    def _ask_more(self, rows: object, wish: More) -> None:
        if rows is not self._asked_more:
            self._asked_more = rows
            self.wish(wish)

    # Tables

    @property
    def table(self) -> LeanTable:
        """The table of the page in front that has the keys, else its first."""
        kinds = TABLES[self.page]
        focused = self._typed_for if isinstance(self.focused, LineInput) else self.focused
        if isinstance(focused, LeanTable) and type(focused) in kinds:
            return focused
        return self.query_one(self.came_from.get(self.page, kinds[0]))

    @property
    def filtered(self) -> Filterable | None:
        """The table that has the keys; the others keep their own filters."""
        table = cast("Widget", self.table)
        return table if isinstance(table, Filterable) else None


def _busiest(stream: Stream | None) -> Group | None:
    """Return the group with the most pending entries; None: there is no group."""
    groups = stream.groups if stream is not None else ()
    return max(groups, key=lambda one: one.pending, default=None)


def _is_about(wish: ShowPending | ShowEntries | ShowLetters, stream: Stream) -> bool:
    return (wish.server, wish.stream) == (stream.server, stream.key)


def _is_there(stream: Stream) -> bool:
    return stream.presence not in {Presence.MISSING, Presence.WRONG_TYPE}
