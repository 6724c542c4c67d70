"""How often each value of a field occurs, with when it was first and last seen."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var

from core.model.log_view import LogTop, LogTops
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.line import Tone, line, span
from widgets.present.log_personal import hide_personal
from widgets.present.log_rows import RowStyle
from widgets.present.log_summary import moment_text

TOP_COLUMNS = (
    Column("count", "COUNT", 9, justify="right", is_frozen=True),
    Column("share", "SHARE", 6, justify="right", priority=1),
    Column("value", "VALUE", 24, weight=1, is_frozen=True),
    Column("first", "FIRST SEEN", 14, priority=3),
    Column("last", "LAST SEEN", 14, priority=2),
)


class LogTopsPane(LeanTable):
    """The values of a field, the most frequent first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,plus", "narrow('')", "Only these", id="top.only"),
        Binding("backspace", "narrow('-')", "Without these", id="top.without"),
    ]

    @dataclass
    class Narrowed(Message):
        """Only records with this value are wanted; `sign` is `-` for: only those without."""

        sign: str
        field: str
        value: str

    tops: var[LogTops | None] = var(None, init=False)
    row_style: var[RowStyle] = var(RowStyle(), init=False)

    def on_mount(self) -> None:
        self.columns = TOP_COLUMNS

    def watch_tops(self) -> None:
        tops = self.tops
        if tops is None:
            return
        self.columns = (*TOP_COLUMNS[:2], value_column(tops), *TOP_COLUMNS[3:])
        text = f"no record has {tops.field}" if tops.is_complete else f"counting {tops.field}…"
        self.empty_text = line(span(text, Tone.LABEL))
        style = self.row_style
        self.rows = tuple(
            Row(
                str(one.value),
                (
                    line(span(f"{_sign(tops, one)}{one.count:,}")),
                    line(span(f"{100 * one.count / max(1, tops.total):.1f}%", Tone.DIM)),
                    hide_personal(line(span(one.value))),
                    line(span(_moment(one.first_s, style), Tone.DIM)),
                    line(span(_moment(one.last_s, style), Tone.DIM)),
                ),
                (one.count, one.count, one.value, one.first_s, one.last_s),
                one.value,
            )
            for one in tops.values
        )

    @property
    def fact(self) -> tuple[str, str] | None:
        """The field and the value under the cursor."""
        return (self.tops.field, self.cursor_key) if self.tops and self.cursor_key else None

    def action_narrow(self, sign: str) -> None:
        """Show only records with this value, or only those without."""
        if self.tops is not None and self.cursor_key:
            self.post_message(self.Narrowed(sign, self.tops.field, self.cursor_key))


def value_column(tops: LogTops) -> Column:
    """Return the column of values, headed by the field and how much is known of it."""
    least = "≈ " if not tops.is_complete else "" if tops.is_exact else "at least "
    note = f"{tops.field.upper()}: {least}{tops.distinct:,} values in {tops.total:,} records"
    if tops.without:
        note += f", {tops.without:,} without it"
    if not tops.is_complete:
        note += " so far, esc stops it"
    return Column("value", note, 24, weight=1, is_frozen=True)


def _sign(tops: LogTops, top: LogTop) -> str:
    """Return what a count is not: not all of them yet, or not exact."""
    if not tops.is_complete:
        return "≈ "
    return "" if top.is_exact else "≤"


def _moment(at_s: float | None, style: RowStyle) -> str:
    return "" if at_s is None else moment_text(at_s, style.times, style.zone)
