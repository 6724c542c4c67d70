"""What can be done with a value or a row of a log, and why what cannot be cannot. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.log_view import LogRow
from widgets.present.fitting import cut_text
from widgets.present.log_details import is_number, kinship

_VALUE_CELLS = 32


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One thing that can be done."""

    name: str
    keys: str
    """The key that does it in the menu; the same as without it, where there is one."""
    text: str
    reason_against: str = ""
    """Why it cannot be done; empty: it can."""


def service_of(source: str) -> str:
    """Return the service that a log is of, with its system."""
    return "/".join(source.split("/")[:2])


def value_items(field: str, value: str) -> tuple[MenuItem, ...]:
    """Return what can be done with a value of a field."""
    shown = f"{field} = {cut_text(value, _VALUE_CELLS)}" if value else f"{field} (empty)"
    nothing = "" if value else "there is no value"
    numeric = "" if is_number(value) else "the value is not a number"
    return (
        MenuItem("only", "+", f"Show only {shown}"),
        MenuItem("without", "-", f"Hide {shown}"),
        MenuItem("count", "b", f"Count the values of {field}"),
        MenuItem("measure", "%", f"Percentiles of {field}", numeric),
        MenuItem("around", "n", "Search this value, with all that is around", nothing),
        MenuItem("anywhere", "i", "Show what says this value, in any field", nothing),
        MenuItem("copy", "c", "Copy the value", nothing),
    )


def row_items(row: LogRow, *, hides_rows: bool, is_alone: bool) -> tuple[MenuItem, ...]:
    """Return what can be done with a row.

    Args:
        row: The row.
        hides_rows: A query or a window hides others.
        is_alone: No other log is shown.
    """
    record = row.record
    seam = "" if record is not None else "the console wrote this line, no log did"
    alone = "no other log is shown" if is_alone else ""
    word = record.level.word if record is not None and record.level is not None else ""
    no_level = seam or ("" if word else "the line has no level")
    kin = kinship(record) if record is not None else ""
    no_kin = seam or ("" if kin else "it names neither")
    all_shown = seam or ("" if hides_rows else "nothing is hidden")
    return (
        MenuItem("record", "d", "The record in full, with a menu for each field", seam),
        MenuItem("level", "v", f"Show only {word or 'its level'} and worse", no_level),
        MenuItem("log", "+", f"Show only the log {row.source}", alone),
        MenuItem("other-logs", "-", f"Hide the log {row.source}", alone),
        MenuItem("same", "i", f"Show only {kin or 'its request or its client'}", no_kin),
        MenuItem("around", "a", "Everything around it", all_shown),
        MenuItem("mark", "m", "Mark it, or unmark it"),
        MenuItem("copy", "c", "Copy it as it was written", seam),
        MenuItem("offers", "x", f"Actions on {service_of(row.source)}"),
    )


def source_items(source: str, chosen: Sequence[str]) -> tuple[MenuItem, ...]:
    """Return what can be done with a log of the list."""
    is_shown = source in chosen
    alone = "it is" if is_shown and len(chosen) == 1 else ""
    return (
        MenuItem("alone", "+", "Show it alone", alone),
        MenuItem(
            "choose", "-" if is_shown else "t", "Show it no more" if is_shown else "Show it too"
        ),
        MenuItem("all", "a", f"Show all of {source.partition('/')[0]}"),
        MenuItem("copy", "c", "Copy its name"),
        MenuItem("offers", "x", f"Actions on {service_of(source)}"),
    )
