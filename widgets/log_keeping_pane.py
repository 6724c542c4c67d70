"""Housekeeping: the retention report by class, and every file with what it needs."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import var

from core.model.action import Offer
from core.model.log_keeping import KeptClass, KeptFile, LogKeeping
from widgets.lean_table import LeanTable, Row
from widgets.line_strip import LineStrip
from widgets.present.log_keeping import (
    CLASS_COLUMNS,
    FAULTS,
    FILE_COLUMNS,
    HEADING_LINES,
    about_lines,
    class_cells,
    class_filter,
    class_key,
    class_sort,
    file_cells,
    file_key,
    file_search,
    file_sort,
    keeping_heading,
    nothing_kept,
)
from widgets.present.log_keeping_offers import class_offers, file_offers

_ABOUT_LINES = 2
_CLASSES_SHARE = 3
"""Of so many lines at most one is a class's."""


class LogClassesTable(LeanTable):
    """The classes of all systems, those with something overdue first."""

    CALM_TEXT: ClassVar[str] = "nothing is overdue and nothing is to be packed"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Its files", id="keeping.files"),
    ]

    def on_mount(self) -> None:
        self.columns = CLASS_COLUMNS

    @property
    def offers_target(self) -> str:
        """The class as actions know it."""
        return self.cursor_key


class LogFilesTable(LeanTable):
    """The files of all logs, those that need something first."""

    CALM_TEXT: ClassVar[str] = "no file needs anything"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Actions", id="keeping.actions"),
    ]

    files: var[tuple[KeptFile, ...]] = var((), init=False)

    def on_mount(self) -> None:
        self.columns = FILE_COLUMNS

    @property
    def selected(self) -> KeptFile | None:
        """The file under the cursor."""
        return next((one for one in self.files if file_key(one) == self.cursor_key), None)

    @property
    def chosen(self) -> tuple[KeptFile, ...]:
        """The marked files of one class, else the one under the cursor."""
        first = self.selected
        if first is None:
            return ()
        of = (first.system, first.class_name)
        marked = tuple(
            one
            for one in self.files
            if file_key(one) in self.marked and (one.system, one.class_name) == of
        )
        return marked or (first,)

    @property
    def offers_target(self) -> str:
        """The class of the file as actions know it, or its whole system."""
        one = self.selected
        if one is None:
            return ""
        return f"{one.system}/{one.class_name}" if one.term_s is not None else f"{one.system}"


class LogKeepingPane(Vertical):
    """Heading, classes, files, and the file under the cursor in full."""

    DEFAULT_CSS = """
    LogKeepingPane { height: 1fr; }
    LogKeepingPane > #keeping-head { height: 4; }
    LogKeepingPane > LogClassesTable { height: 6; margin: 0 0 1 0; }
    LogKeepingPane > LogFilesTable { height: 1fr; }
    LogKeepingPane > #keeping-about { height: 2; }
    """

    class ActionsWanted(Message):
        """Somebody wants to know what can be done with the file under the cursor."""

    keeping: var[LogKeeping | None] = var(None, init=False)
    now_s: var[float] = var(0.0, init=False)
    """The present moment, seconds since 1970."""

    def compose(self) -> ComposeResult:
        yield LineStrip(id="keeping-head")
        yield LogClassesTable()
        yield LogFilesTable()
        yield LineStrip(id="keeping-about")

    def watch_keeping(self) -> None:
        keeping = self.keeping
        if keeping is None or not self.is_mounted:
            return
        classes, files = self.query_one(LogClassesTable), self.query_one(LogFilesTable)
        classes.empty_text = files.empty_text = nothing_kept(keeping)
        classes.rows = tuple(map(_class_row, keeping.classes))
        files.files = keeping.files
        files.rows = tuple(map(_file_row, keeping.files))
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Draw anew what is made to measure: another width or height, other files."""
        keeping, width, height = self.keeping, self.size.width, self.size.height
        if keeping is None or width <= 0 or not self.is_mounted:
            return
        head = keeping_heading(keeping, width, self.now_s)
        self.query_one("#keeping-head", LineStrip).lines = head
        room = (height - HEADING_LINES - _ABOUT_LINES) // _CLASSES_SHARE
        wanted = 1 + max(1, len(keeping.classes))
        self.query_one(LogClassesTable).styles.height = max(3, min(wanted, room))
        self._tell_about()

    @on(LeanTable.Highlighted)
    def tell_about(self, message: LeanTable.Highlighted) -> None:
        """Say all of the file under the cursor: a row cuts its path and its reason."""
        message.stop()
        self._tell_about()

    def _tell_about(self) -> None:
        one = self.query_one(LogFilesTable).selected
        strip = self.query_one("#keeping-about", LineStrip)
        strip.lines = about_lines(one, self.size.width, _ABOUT_LINES)

    @on(LeanTable.Selected)
    def open_selected(self, message: LeanTable.Selected) -> None:
        """Show only the files of a class; ask what can be done with a file."""
        message.stop()
        if isinstance(message.table, LogClassesTable):
            files = self.query_one(LogFilesTable)
            files.filter_text = class_filter(message.key)
            files.focus()
        else:
            self.post_message(self.ActionsWanted())

    def drop_filter(self) -> bool:
        """Show all rows again; tell whether any were hidden."""
        tables = [self.query_one(LogClassesTable), self.query_one(LogFilesTable)]
        hiding = [one for one in tables if one.filter_text or one.faults_only]
        for one in hiding:
            one.filter_text, one.faults_only = "", False
        return bool(hiding)

    def offers(self, every: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """Return what can be done with what is under the cursor of the table that has the keys."""
        classes, files = self.query_one(LogClassesTable), self.query_one(LogFilesTable)
        if classes.has_focus:
            return class_offers(every, classes.cursor_key)
        return file_offers(every, files.chosen)


def _class_row(one: KeptClass) -> Row:
    return Row(
        class_key(one),
        sort=class_sort(one),
        search=one.system,
        is_fault=bool(one.overdue or one.to_pack),
        draw=partial(class_cells, one),
    )


def _file_row(one: KeptFile) -> Row:
    return Row(
        file_key(one),
        sort=file_sort(one),
        search=file_search(one),
        is_fault=one.need in FAULTS,
        draw=partial(file_cells, one),
    )
