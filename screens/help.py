"""Help: the keys that work here and now, made from the bindings themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen, Screen

from widgets.line_view import LineView
from widgets.present.fitting import cut, fit, rule
from widgets.present.line import BLANK, Line, Tone, line, span

_KEY_CELLS = 18


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


class HelpScreen(ModalScreen[None], inherit_bindings=False):
    """Lists keys; any of `esc`, `q`, `?` closes it."""

    CSS: ClassVar[str] = """
    HelpScreen { align: center middle; background: $background 0%; }
    HelpScreen LineView {
        width: 90%; max-width: 100; height: 90%; padding: 0 1; background: $surface;
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

    def on_mount(self) -> None:
        self.query_one(LineView).focus()

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
        if not binding.description:
            continue
        title = _title_of(active.node, screen)
        spot = (title, binding.action)
        keys.setdefault(spot, []).append(display(binding))
        name = binding.action.partition("(")[0].rpartition(".")[2]
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
    """Return the list as lines of `width` cells."""
    lines: list[Line] = []
    for group in groups:
        lines.append(rule(group.title, width))
        lines += [cut(_row(row), width) for row in group.rows]
        lines.append(BLANK)
    return tuple(lines)


def _row(row: KeyRow) -> Line:
    if row.reason_against:
        keys = fit(line(span(row.keys, Tone.DIM)), _KEY_CELLS)
        return (*keys, span(row.text, Tone.DIM), span(f"  ({row.reason_against})", Tone.DEGRADED))
    return (*fit(line(span(row.keys, Tone.KEY, bold=True)), _KEY_CELLS), span(row.text))
