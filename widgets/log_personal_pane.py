"""What looks personal in the logs: counts by kind and file with masked samples."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import var

from core.model.log import LogPosition
from core.model.log_view import LogPersonalFind, LogPicture
from core.model.text import clean
from widgets.lean_table import LeanTable, Row
from widgets.line_strip import LineStrip
from widgets.present.line import Tone, line, span
from widgets.present.log_personal import (
    PERSONAL_COLUMNS,
    personal_cells,
    personal_heading,
    personal_key,
)

_HEADING_LINES = 3


class LogPersonalTable(LeanTable):
    """The places where something was found, the most frequent first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "To the record", id="personal.open"),
    ]

    def on_mount(self) -> None:
        self.columns = PERSONAL_COLUMNS


class LogPersonalPane(Vertical):
    """Heading and table."""

    DEFAULT_CSS = """
    LogPersonalPane { height: 1fr; }
    LogPersonalPane > LineStrip { height: 3; }
    LogPersonalPane > LogPersonalTable { height: 1fr; }
    """

    @dataclass
    class Picked(Message):
        """Somebody wants to see a record in which something was found."""

        source: str
        position: LogPosition

    logs: var[LogPicture | None] = var(None, init=False)

    def __init__(self) -> None:
        """Make an empty pane."""
        super().__init__()
        self._finds: dict[str, LogPersonalFind] = {}
        self._opened = ""
        """The row whose first record was gone to: the last one is next."""

    def compose(self) -> ComposeResult:
        yield LineStrip()
        yield LogPersonalTable()

    def watch_logs(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Draw anew: more was found, another width."""
        logs, width = self.logs, self.size.width
        if logs is None or logs.personal is None or width <= 0 or not self.is_mounted:
            return
        personal = logs.personal
        self.query_one(LineStrip).lines = personal_heading(personal, logs.count, width)
        self._finds = {personal_key(one): one for one in personal.finds}
        self.styles.height = _HEADING_LINES + 1 + max(1, len(personal.finds))
        table = self.query_one(LogPersonalTable)
        text = "nothing that looks personal" if personal.is_complete else "nothing yet…"
        table.empty_text = line(span(f" {text}", Tone.LABEL))
        table.rows = tuple(
            Row(
                key,
                personal_cells(one),
                (one.count, one.kind, "", one.file, one.field, one.source),
                clean(" ".join((one.kind, one.file, one.field, one.source))),
            )
            for key, one in self._finds.items()
        )

    @on(LeanTable.Selected)
    def open_selected(self, message: LeanTable.Selected) -> None:
        """Go to the first record of a row; once more: to the last."""
        message.stop()
        find = self._finds.get(message.key)
        if find is None or not find.source:
            return
        is_again = self._opened == message.key
        self._opened = "" if is_again else message.key
        self.post_message(self.Picked(find.source, find.last if is_again else find.first))
