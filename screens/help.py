"""Help: the keys that work here and now, made from the bindings themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from screens.dialog import Dialog
from widgets.key_footer import KeyFooter
from widgets.line_view import LineView
from widgets.present.fitting import beside, cut, fit, rule, width_of, wrap
from widgets.present.footer import KeyHint
from widgets.present.line import BLANK, Line, Tone, line, span

_TWO_COLUMNS = 68
"""From this width on, two columns: more keys in sight, fewer to scroll to."""
_GAP = 3
_REASON_LINES = 4
_SCREENS = "Screens"
_NEVER_SIDEWAYS = frozenset({"page_left", "page_right", "scroll_left", "scroll_right"})
"""What Textual binds for every scrolling pane; lines are made to measure, so they do nothing."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An action with all its keys."""

    keys: str
    text: str
    reason_against: str = ""
    """Why it does not work now; empty: it does."""


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Keys that belong together."""

    title: str
    rows: tuple[KeyRow, ...]


class HelpScreen(Dialog[None], inherit_bindings=False):
    """Lists keys; any of `esc`, `q`, `?` closes it."""

    CSS: ClassVar[str] = """
    HelpScreen { align: center middle; background: transparent; }
    HelpScreen LineView {
        width: 100%; max-width: 108; height: auto; max-height: 100%; margin: 1 0 0 0; padding: 0 1;
        border: round $border; background: $surface; scrollbar-gutter: stable;
    }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "Close", id="help.close"),
    ]

    def __init__(self, groups: tuple[KeyGroup, ...]) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        yield LineView()
        yield KeyFooter()

    def on_mount(self) -> None:
        view = self.query_one(LineView)
        view.border_title = "Keys that work here and now"
        view.focus()
        hints = (KeyHint("↑ ↓", "Scroll"), KeyHint("esc", "Close"))
        self.query_one(KeyFooter).hints = hints

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        view = self.query_one(LineView)
        view.lines = help_lines(self._groups, view.scrollable_content_region.width)


def key_groups(screen: Screen[None], reason_against: Callable[[str], str]) -> tuple[KeyGroup, ...]:
    """Return the active bindings of a screen, the nearest to the cursor first.

    Args:
        screen: Whose bindings.
        reason_against: Says why an action cannot be done now.
    """
    display = screen.app.get_key_display  # pyright: ignore[reportUnknownMemberType]
    keys: dict[tuple[str, str], list[str]] = {}
    rows: dict[tuple[str, str], KeyRow] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        name = binding.action.partition("(")[0].rpartition(".")[2]
        is_idle = isinstance(active.node, LineView) and name in _NEVER_SIDEWAYS
        if is_idle or not binding.description:
            continue
        title = binding.group.description if binding.group is not None else ""
        title = title or (_SCREENS if name == "go" else _title_of(active.node, screen))
        spot = (title, binding.action)
        keys.setdefault(spot, []).append(display(binding))
        reason = "" if active.enabled else reason_against(name) or "not now"
        rows[spot] = KeyRow("", binding.tooltip or binding.description, reason)
    titles = dict.fromkeys(title for title, _ in rows)
    return tuple(
        KeyGroup(
            title,
            tuple(
                KeyRow("  ".join(keys[spot]), row.text, row.reason_against)
                for spot, row in rows.items()
                if spot[0] == title
            ),
        )
        for title in titles
    )


def _title_of(node: object, screen: Screen[None]) -> str:
    if isinstance(node, App):
        return "Everywhere"
    return "On this screen" if node is screen else "In the pane that has the keys"


def help_lines(groups: tuple[KeyGroup, ...], width: int) -> tuple[Line, ...]:
    """Return the list as lines of `width` cells, in two columns where there is room."""
    if width < _TWO_COLUMNS:
        return _column(groups, width)
    at = _balanced(groups)
    rows = [row for group in groups[:at] for row in group.rows]
    texts = [len(row.text) for row in rows] + [len(row.reason_against) + 2 for row in rows]
    wanted = _key_cells(groups[:at]) + max(texts, default=0)
    left = min((width - _GAP) // 2, max(wanted, width // 3))
    columns = _column(groups[:at], left), _column(groups[at:], width - left - _GAP)
    return beside(*columns, left, _GAP)


def _balanced(groups: tuple[KeyGroup, ...]) -> int:
    """Return how many groups go left, so that the taller column is as short as can be."""
    rows = [len(group.rows) + 2 for group in groups]
    return min(range(len(rows) + 1), key=lambda at: max(sum(rows[:at]), sum(rows[at:])))


def _key_cells(groups: tuple[KeyGroup, ...]) -> int:
    return max((len(row.keys) for group in groups for row in group.rows), default=0) + 2


def _column(groups: tuple[KeyGroup, ...], width: int) -> tuple[Line, ...]:
    """Return groups one below the other; a blank line between two."""
    cells = _key_cells(groups)
    lines: list[Line] = []
    for group in groups:
        lines += [BLANK] if lines else []
        lines.append(rule(group.title, width))
        for row in group.rows:
            lines += _row(row, cells, width)
    return tuple(lines)


def _row(row: KeyRow, cells: int, width: int) -> list[Line]:
    """Return an action; why it does not work now goes into lines of its own when it must."""
    if not row.reason_against:
        keys = fit(line(span(row.keys, Tone.KEY, bold=True)), cells)
        return [cut((*keys, span(row.text)), width)]
    keys = fit(line(span(row.keys, Tone.DIM)), cells)
    reason = span(f"({row.reason_against})", Tone.DEGRADED)
    whole = (*keys, span(f"{row.text}  ", Tone.DIM), reason)
    if width_of(whole) <= width:
        return [whole]
    below = wrap(reason.text, max(1, width - cells), _REASON_LINES, Tone.DEGRADED)
    rest = (cut((span(" " * cells), *one), width) for one in below)
    return [cut((*keys, span(row.text, Tone.DIM)), width), *rest]
