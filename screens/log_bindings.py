"""The keys of the Logs screen. Those of k9s, less and lnav where these agree."""

from typing import Final

from textual.binding import Binding, BindingType

_ROWS = Binding.Group("Which rows")
_GOING = Binding.Group("Going somewhere")
_RECORD = Binding.Group("The record under the cursor")
_FIGURES = Binding.Group("Figures over what is shown")
_LOOKS = Binding.Group("How logs look")
_WINDOWS = (
    *("All, the newest", "All, the oldest"),
    *(f"The last {span}" for span in ("minute", "5 min", "15 min", "30 min", "hour")),
)


def _key(
    keys: str,
    action: str,
    name: str,
    text: str,
    group: Binding.Group,
    *,
    in_footer: str = "",
) -> Binding:
    """Return a key; help shows `text`, the footer `in_footer` or nothing."""
    return Binding(
        keys,
        action,
        in_footer or text,
        id=f"log.{name}",
        show=bool(in_footer),
        tooltip=text,
        group=group,
    )


LOG_BINDINGS: Final[list[BindingType]] = [
    # The application does it; here it has another name, and comes before the application's.
    Binding(
        "slash",
        "app.filter",
        "Search",
        id="app.filter",
        tooltip="Search, and keep what is around",
        group=_GOING,
        priority=True,
    ),
    _key("ampersand", "ask('&')", "filter", "Show only what matches", _ROWS, in_footer="Filter"),
    _key("Q", "saved", "saved", "Saved queries of the runbooks", _ROWS, in_footer="Saved"),
    _key("L", "list", "list", "The list of logs", _ROWS, in_footer="List"),
    _key("enter", "record", "record", "In full", _RECORD, in_footer="Record"),
    _key("x", "menu", "menu", "What can be done with it", _RECORD, in_footer="Menu"),
    _key("s,G,end", "to_end", "follow", "Follow the newest", _GOING, in_footer="Follow"),
    *(
        _key(str(digit), f"window({digit})", f"window-{digit}", name, _ROWS)
        for digit, name in enumerate(_WINDOWS)
    ),
    _key("i", "same", "same", "Same request or client", _ROWS),
    _key("a", "around", "around", "Everything around it", _ROWS),
    _key("E", "error(True)", "previous-error", "Error before", _GOING, in_footer="Last error"),
    _key("e", "error(False)", "next-error", "Error after", _GOING),
    _key("n", "find(False)", "next", "Next match", _GOING),
    _key("N", "find(True)", "previous", "Match before", _GOING),
    _key("g,home", "to_start", "start", "The oldest", _GOING),
    _key("y", "raw", "raw", "As written", _RECORD),
    _key("m,space", "mark", "mark", "Mark", _RECORD),
    _key("T", "elapsed", "elapsed", "Time since a mark", _RECORD),
    _key("c", "copy", "copy", "Copy it, or all marked", _RECORD),
    _key("ctrl+s", "save", "save", "Save all that is shown", _RECORD),
    _key("b", "count_by", "count-by", "Count the values of a field", _FIGURES),
    _key("percent_sign", "measure", "measure", "Percentiles of a number", _FIGURES),
    _key("P", "personal", "personal", "What looks personal, masked", _FIGURES),
    _key("H", "housekeeping", "keeping", "Files of logs against their rules", _FIGURES),
    _key("w", "wrap", "wrap", "Wrap long rows", _LOOKS),
    _key("t", "times", "times", "UTC, local, ages", _LOOKS),
]
