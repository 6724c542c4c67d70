"""One record in full, with its fields as rows that can be filtered by."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import var

from core.model.log_view import LogRow
from widgets.lean_table import Column, LeanTable, Row
from widgets.line_view import LineView
from widgets.present.line import Tone, line, span
from widgets.present.log_details import body_lines, facts_of, heading_lines, is_number
from widgets.present.log_personal import hide_personal


class LogFieldsPane(LeanTable):
    """The fields of a record."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,plus", "narrow('')", "Only these", id="field.only"),
        Binding("backspace", "narrow('-')", "Without these", id="field.without"),
        Binding("b", "count_by", "Count by it", id="field.count"),
        Binding("percent_sign", "measure", "Percentiles", id="field.measure"),
    ]

    @dataclass
    class Narrowed(Message):
        """Only records with this value are wanted; `sign` is `-` for: only those without."""

        sign: str
        field: str
        value: str

    @dataclass
    class FiguresAsked(Message):
        """How often each value of a field occurs is wanted, or its percentiles."""

        count_by: str = ""
        measure: str = ""

    def on_mount(self) -> None:
        self.columns = (
            Column("field", "FIELD", 22, is_frozen=True),
            Column("value", "VALUE", 30, weight=1),
        )
        self.empty_text = line(span("no fields", Tone.DIM))

    @property
    def fact(self) -> tuple[str, str] | None:
        """Name and value under the cursor."""
        return next((row.sort for row in self.shown if row.key == self.cursor_key), None)  # type: ignore[return-value]

    def action_narrow(self, sign: str) -> None:
        """Show only what has this value, or what has not."""
        if (fact := self.fact) is not None:
            self.post_message(self.Narrowed(sign, str(fact[0]), str(fact[1])))

    def action_count_by(self) -> None:
        """Count the values of the field."""
        if (fact := self.fact) is not None:
            self.post_message(self.FiguresAsked(count_by=str(fact[0])))

    def action_measure(self) -> None:
        """Show the percentiles of the field."""
        if (fact := self.fact) is not None:
            self.post_message(self.FiguresAsked(measure=str(fact[0])))

    def reason_against(self, action: str) -> str:
        """Return why an action cannot be done on this field now; empty when it can."""
        fact = self.fact
        if action == "measure" and fact is not None and not is_number(fact[1]):
            return "the value is not a number"
        return super().reason_against(action)


class LogDetailsPane(Vertical):
    """Heading, fields, further lines of one record."""

    DEFAULT_CSS = """
    LogDetailsPane { height: 1fr; }
    LogDetailsPane > #heading { height: auto; max-height: 6; }
    LogDetailsPane > LogFieldsPane { max-height: 50%; }
    LogDetailsPane > #body { height: 1fr; }
    """

    row: var[LogRow | None] = var(None, init=False)
    is_raw: var[bool] = var(False, init=False)

    def compose(self) -> ComposeResult:
        heading = LineView(id="heading")
        heading.can_focus = False
        yield heading
        yield LogFieldsPane()
        yield LineView(id="body")

    def watch_row(self) -> None:
        self.redraw()

    def watch_is_raw(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Draw the record anew."""
        row, width = self.row, self.size.width - 1
        if row is None or width <= 0 or not self.is_mounted:
            return
        heading, body = self.query_one("#heading", LineView), self.query_one("#body", LineView)
        heading.lines = heading_lines(row, width)
        heading.styles.height = len(heading.lines)
        body.lines = body_lines(row, width, is_raw=self.is_raw)
        facts, fields = facts_of(row), self.query_one(LogFieldsPane)
        fields.styles.height = 1 + max(1, len(facts))
        fields.rows = tuple(
            Row(
                name,
                (line(span(name, Tone.LABEL)), hide_personal(line(span(value)))),
                sort=(name, value),
                search=name,
            )
            for name, value in facts
        )
