"""The keys that work everywhere, with their ids."""

from typing import Final

from textual.binding import Binding, BindingType

from tui.places import PLACES

BINDINGS: Final[list[BindingType]] = [
    *(
        Binding(
            place.digit,
            f"go('{place.name}')",
            place.title,
            id=f"go.{place.name}",
            show=False,
        )
        for place in PLACES
    ),
    Binding("colon", "command", "Command", id="app.command", priority=True),
    Binding(
        "ctrl+p", "palette", "Search all commands", id="app.palette", show=False, priority=True
    ),
    Binding("slash", "filter", "Filter", id="app.filter", priority=True),
    Binding("exclamation_mark", "faults", "Faults only", id="app.faults"),
    Binding("x", "offers", "Actions", id="app.actions", show=False),
    Binding("f", "full", "Full", id="app.full", tooltip="This pane on the whole screen"),
    Binding("p", "pause", "Pause", id="app.pause"),
    Binding("r,ctrl+r", "refresh_now", "Look now", id="app.refresh"),
    Binding("ctrl+o", "present", "Presenting", id="app.present", show=False, priority=True),
    Binding("A", "arm", "Changes on or off", id="app.arm", show=False),
    Binding("minus", "last", "Last view", id="app.last"),
    Binding("tab", "app.focus_next", "Next pane", id="app.next-pane"),
    Binding("shift+tab", "app.focus_previous", "Previous pane", id="app.previous-pane", show=False),
    Binding("escape", "go_back", "Back", id="app.back", show=False),
    Binding("q", "quit_or_back", "Back or quit", id="app.quit", show=False),
    Binding("ctrl+l", "redraw", "Draw anew", id="app.redraw", show=False),
    Binding("ctrl+z", "suspend_process", "Suspend", id="app.suspend", show=False),
    Binding("ctrl+c", "interrupt", "Quit", id="app.interrupt", show=False, priority=True),
    Binding("question_mark,f1", "help", "Help", id="app.help"),
]
