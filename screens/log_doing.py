"""`x` on the Logs screen: what can be done with the row or the value under the cursor."""

from collections.abc import Callable

from core.model.log_view import LogRow
from screens.log_keeping import LogKeepingScreen
from screens.log_menu import LogMenuScreen
from screens.log_wishes import AroundWanted, CopyWanted, LogsChosen, TextSought
from widgets.log_details_pane import LogFieldsPane
from widgets.log_pane import LogPane
from widgets.log_sources_pane import LogSourcesPane
from widgets.log_tops_pane import LogTopsPane
from widgets.present.log_details import quoted, term_of
from widgets.present.log_menu import (
    MenuItem,
    row_items,
    service_of,
    source_items,
    value_items,
)


class LogDoing(LogKeepingScreen):
    """The part of the Logs screen that does something with what is under the cursor."""

    def action_menu(self) -> None:
        """Offer what can be done with the thing under the cursor."""
        pane = self.focused
        if isinstance(pane, LogFieldsPane | LogTopsPane):
            if (fact := pane.fact) is not None:
                field, value = fact
                self._offer(
                    "WITH THIS VALUE", value_items(field, value), lambda name: self._do(name, *fact)
                )
        elif isinstance(pane, LogSourcesPane):
            if pane.cursor_key:
                items = source_items(pane.cursor_key, pane.chosen)
                self._offer("WITH THIS LOG", items, lambda name: self._do_with_log(pane, name))
        elif self.is_keeping:
            self.offer_for_files()
        elif (row := self.query_one(LogPane).cursor_row) is not None:
            # What is offered is for this row: it stays under the cursor.
            self.query_one(LogPane).set_follows(follows=False)
            items = row_items(row, hides_rows=self._hides_rows, is_alone=len(self._shown) < 2)
            self._offer("WITH THIS ROW", items, lambda name: self._do_with_row(name, row))

    @property
    def _shown(self) -> tuple[str, ...]:
        """The logs that are shown."""
        return tuple(one.source for one in self.logs.logs if one.is_chosen) if self.logs else ()

    def _offer(self, title: str, items: tuple[MenuItem, ...], do: Callable[[str], None]) -> None:
        # Textual leaves the parameter of App open.
        self.app.push_screen(  # pyright: ignore[reportUnknownMemberType]
            LogMenuScreen(title, items), lambda name: do(name) if name else None
        )

    def _do(self, name: str, field: str, value: str) -> None:
        """Do something with a value of a field."""
        match name:
            case "only":
                self.narrow_by(field, value)
            case "without":
                self.narrow_by(field, value, "-")
            case "count":
                self.show_figures(count_by=field)
            case "measure":
                self.show_figures(measure=field)
            case "around":
                self._seek_around(term_of(field, value))
            case "anywhere":
                self._ask(quoted(value))
            case _:
                self.post_message(CopyWanted(value))

    def narrow_by(self, field: str, value: str, sign: str = "") -> None:
        """Add what is wanted, or with `-` what is not, to the query."""
        self._ask(f"{self._query} {sign}{term_of(field, value)}".strip())

    def _seek_around(self, term: str) -> None:
        """Search a value among everything: what is hidden now may be around it."""
        if self._hides_rows:
            self.action_around()
        self.remove_class("-with-record")
        self.query_one(LogPane).focus()
        self.search_text = term
        self.post_message(TextSought(term))
        self.tell()

    def action_record(self) -> None:
        """Show the record under the cursor in full."""
        raise NotImplementedError

    def action_around(self) -> None:
        """Show the neighbours of the row under the cursor, whatever the query hides."""
        row = self.query_one(LogPane).cursor_row
        if row is not None and row.record is not None:
            self._window_s = None
            self._query = self.saved_title = ""
            self.query_one(LogPane).set_follows(follows=False)
            self.post_message(AroundWanted(row.key, row.time_s))

    def _do_with_row(self, name: str, row: LogRow) -> None:
        match name:
            case "level":
                if row.record is not None and row.record.level is not None:
                    self._ask(f"{self._query} level>={row.record.level.word}".strip())
            case "log":
                self.post_message(LogsChosen((row.source,)))
            case "other-logs":
                self.post_message(LogsChosen(tuple(s for s in self._shown if s != row.source)))
            case "same":
                self.action_same()
            case "around":
                self.action_around()
            case "mark":
                self.action_mark()
            case "copy":
                self.copy_rows((row,))
            case "offers":
                self._offer_actions()
            case _:
                self.action_record()

    @property
    def offers_target(self) -> str:
        """The service whose log has the cursor."""
        row = self.query_one(LogPane).cursor_row
        if isinstance(self.focused, LogPane):
            return service_of(row.source) if row is not None else ""
        return super().offers_target

    def _offer_actions(self) -> None:
        # Afterwards: the menu has the keys still, and nothing is offered behind a dialog.
        self.call_after_refresh(self.run_action, "app.offers")

    def _do_with_log(self, pane: LogSourcesPane, name: str) -> None:
        match name:
            case "copy":
                self.post_message(CopyWanted(pane.cursor_key))
            case "alone":
                pane.action_alone()
            case "all":
                pane.action_all()
            case "offers":
                self._offer_actions()
            case _:
                pane.action_choose()
