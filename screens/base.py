"""What every screen has: header, body, filter line, footer, and one way to be given a picture."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.events import Resize, ScreenResume
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen
from textual.signal import Signal
from textual.widget import Widget

from core.model.action import Offer, prefilled
from core.model.views import Picture
from screens.filtering import FilteringScreen
from widgets.filter_bar import FilterBar
from widgets.filterable import Offering, Prefilling, Selectable, reason_against
from widgets.header_strip import HeaderStrip
from widgets.key_footer import KeyFooter
from widgets.line_input import LineInput
from widgets.present.footer import KeyHint
from widgets.present.header import OFF, Mode
from widgets.too_small import LEAST_COLUMNS, LEAST_ROWS, TooSmall


class ConsoleScreen(FilteringScreen, inherit_bindings=False):
    """A screen of the console.

    A subclass overrides `compose_body`, `show` and, where something can be drilled into, `select`.
    The classes `-narrow`, `-normal`, `-wide` and `-short`, `-medium`, `-tall` say how much room
    there is.
    """

    CSS: ClassVar[str] = """
    ConsoleScreen { background: $background; color: $foreground; overflow: hidden hidden; }
    ConsoleScreen.-maximized-view { hatch: none; align: left top; }
    ConsoleScreen.-too-narrow > *, ConsoleScreen.-too-low > * { display: none; }
    ConsoleScreen.-too-narrow > TooSmall, ConsoleScreen.-too-low > TooSmall { display: block; }
    ConsoleScreen .-maximized { width: 1fr; height: 1fr; max-height: 100%; margin: 0; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    ALLOW_IN_MAXIMIZED_VIEW: ClassVar[str | None] = "HeaderStrip, FilterBar, KeyFooter"
    ALLOW_SELECT: ClassVar[bool] = False
    ESCAPE_TO_MINIMIZE: ClassVar[bool | None] = False
    HORIZONTAL_BREAKPOINTS = [
        (0, "-too-narrow"),
        (LEAST_COLUMNS, "-narrow"),
        (100, "-normal"),
        (160, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [
        (0, "-too-low"),
        (LEAST_ROWS, "-short"),
        (30, "-medium"),
        (45, "-tall"),
    ]

    @dataclass
    class Missed(Message):
        """What was asked for is not on this screen."""

        target: str

    @dataclass
    class OpenRequested(Message):
        """A person wants to see something on another screen, such as a service of a system."""

        place: str
        target: str

    picture: var[Picture | None] = var(None, init=False)
    """What to show. The application assigns it, at most ten times a second."""
    mode: var[Mode] = var(OFF, init=False)
    """What may be done from here, and what runs."""
    zone: tzinfo | None = None
    """The zone of the header's second clock; None: the machine's."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.title = title
        self._target = ""
        self._wants_hints = False

    def compose(self) -> ComposeResult:
        yield HeaderStrip()
        yield from self.compose_body()
        yield TooSmall()
        yield self.make_filter_bar()
        yield KeyFooter()

    def compose_body(self) -> ComposeResult:
        """Yield what is between header and footer."""
        raise NotImplementedError

    def make_filter_bar(self) -> FilterBar:
        """Return the line that a filter is typed in."""
        return FilterBar()

    def show(self, picture: Picture) -> None:
        """Hand a picture to the panes."""

    def select(self, target: str) -> bool:
        """Go to a row, given as `system`, `service` or both with a slash; tell whether it is here.

        Rows of services have keys such as `local/shop/api`; the first pane that has it wins.
        """
        wanted = f"/{target}/"
        for pane in self.query(Widget):
            if isinstance(pane, Selectable):
                found = next((row.key for row in pane.rows if wanted in f"/{row.key}/"), None)
                if found is not None:
                    pane.cursor_key = found
                    return True
        return False

    def aim(self, target: str) -> None:
        """Select something as soon as there is a picture to find it in."""
        self._target = target
        self._take_aim()

    def _take_aim(self) -> None:
        if not self._target or self.picture is None or not self.is_up:
            return
        target, self._target = self._target, ""
        if not self.select(target):
            self.post_message(self.Missed(target))

    def step_back(self) -> bool:
        """Undo one step of drilling down; tell whether there was one."""
        return False

    def on_mount(self) -> None:
        # Textual calls this by itself, after what a subclass does on being mounted: a subclass that
        # called it would have it done twice.
        header = self.query_one(HeaderStrip)
        header.zone = self.zone
        header.title = self.title or ""
        header.mode = self.mode
        # Textual leaves the parameter of Screen open.
        changed = cast("Signal[Screen[object]]", self.bindings_updated_signal)  # pyright: ignore[reportUnknownMemberType]
        changed.subscribe(self, self._want_hints, immediate=True)
        self.watch_picture()

    @property
    def is_up(self) -> bool:
        """Whether its widgets are there: not before it is mounted, nor while it is taken down."""
        return self.is_mounted and self.is_attached and bool(self.query(HeaderStrip))

    def watch_mode(self) -> None:
        if self.is_up:
            self.query_one(HeaderStrip).mode = self.mode

    def watch_picture(self) -> None:
        if self.picture is None or not self.is_up:
            return
        self.query_one(HeaderStrip).picture = self.picture
        self.query_one(TooSmall).picture = self.picture
        self.show(self.picture)
        self._refresh_filter()
        self._take_aim()

    def reason_against(self, action: str) -> str:
        """Return why an action cannot be done on this screen now; empty when it can."""
        if action in {"filter", "faults"} and self.filtered is None:
            return "there are no rows to filter on this screen"
        if action == "full" and self._pane_with_keys() is None and self.maximized is None:
            return "no pane has the keys"
        if action == "offers" and not self.offers_target:
            return "nothing is under the cursor that something can be done with"
        pane = self.filtered if action == "faults" else self.focused
        return reason_against(pane, action)

    @property
    def offers_target(self) -> str:
        """What is under the cursor and something can be done with; empty: nothing is."""
        pane = self.focused
        return pane.offers_target if isinstance(pane, Offering) else ""

    @property
    def offers_inputs(self) -> tuple[tuple[str, str], ...]:
        """What is under the cursor, or marked, as inputs of what can be done with it."""
        pane = self.focused
        return pane.offers_inputs if isinstance(pane, Prefilling) else ()

    def fit_offers(self, about: tuple[Offer, ...], every: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """Return what can be done with what is under the cursor: `about` it, of `every` offer."""
        del every
        return tuple(prefilled(one, self.offers_inputs) for one in about)

    def toggle_full(self) -> None:
        """Give the whole screen to the pane that has the keys, or share it again."""
        pane = self._pane_with_keys()
        if self.maximized is not None:
            self.minimize()
        elif pane is not None:
            self.maximize(pane, container=False)

    def _pane_with_keys(self) -> Widget | None:
        pane = self.focused
        return None if isinstance(pane, LineInput) else pane

    def _want_hints(self, _screen: Screen[object]) -> None:
        """Draw them once, however often they change at a time."""
        if not self._wants_hints:
            self._wants_hints = True
            self.call_next(self._refresh_hints)

    def _refresh_hints(self) -> None:
        """Draw the keys that work now. An action with several keys shows the first."""
        self._wants_hints = False
        if not self.is_active:
            return
        hints: dict[str, KeyHint] = {}
        display = self.app.get_key_display  # pyright: ignore[reportUnknownMemberType]
        for active in self.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled:
                hints.setdefault(binding.action, KeyHint(display(binding), binding.description))
        self.query_one(KeyFooter).hints = tuple(hints.values())

    @on(ScreenResume)
    def refresh_hints(self) -> None:
        """Keys may be others than when the screen was last seen."""
        self.refresh_bindings()

    @on(Resize)
    def show_again(self) -> None:
        """Panes may show more or less of the same picture in another room."""
        if self.picture is not None and self.is_up:
            self.call_after_refresh(self.watch_picture)
