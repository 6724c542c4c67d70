"""The keys of the Logs screen. Those of k9s, less and lnav where these agree."""

from typing import Final

from textual.binding import Binding, BindingType

LOG_BINDINGS: Final[list[BindingType]] = [
    *(
        Binding(str(digit), f"window({digit})", name, id=f"log.window-{digit}", show=False)
        for digit, name in enumerate(
            ("All, newest", "All, oldest", "1 min", "5 min", "15 min", "30 min", "1 h")
        )
    ),
    Binding("ampersand", "ask('&')", "Show only", id="log.filter"),
    Binding("n", "find(False)", "Next", id="log.next", show=False),
    Binding("N", "find(True)", "Previous", id="log.previous", show=False),
    Binding("e", "error(False)", "Next error", id="log.next-error", show=False),
    Binding("E", "error(True)", "Last error", id="log.previous-error"),
    Binding("s,G,end", "to_end", "Follow", id="log.follow"),
    Binding("g,home", "to_start", "Oldest", id="log.start", show=False),
    Binding("enter", "record", "Record", id="log.record"),
    Binding("a", "around", "All around", id="log.around", show=False),
    Binding("L", "list", "List", id="log.list"),
    Binding("w", "wrap", "Wrap", id="log.wrap", show=False),
    Binding("t", "times", "Times", id="log.times", show=False),
    Binding("m,space", "mark", "Mark", id="log.mark", show=False),
    Binding("T", "elapsed", "Since mark", id="log.elapsed", show=False),
    Binding("y", "raw", "As written", id="log.raw", show=False),
    Binding("c", "copy", "Copy", id="log.copy", show=False),
    Binding("ctrl+s", "save", "Save", id="log.save", show=False),
]
