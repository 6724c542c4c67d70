"""The Overview's cards, with a cursor on a system or on one of its services."""

from dataclasses import dataclass

from textual.binding import Binding
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var

from core.model.views import Picture, SystemView
from widgets.picture_pane import PicturePane
from widgets.present.absence import Absence, absence_line
from widgets.present.line import Line
from widgets.present.numbers import plural
from widgets.present.systems import Spot, card, rows_per_card
from widgets.present.verdicts import is_trouble

_COMPACT_ROWS = 2
_KEPT_FOR_CHANGES = 5


class OverviewSystemsPane(PicturePane):
    """One card per system in the order of the configuration, as tall as all fit.

    The cursor is an object, not a row: it stays on its system whatever happens around it.
    """

    DEFAULT_CSS = """
    OverviewSystemsPane { height: auto; width: 100%; }
    """
    BINDINGS = [
        Binding("up,k", "move(-1)", "Previous system", id="overview.previous", show=False),
        Binding("down,j", "move(1)", "Next system", id="overview.next", show=False),
        Binding(
            "left,h",
            "step(-1)",
            "Previous service of it",
            id="overview.previous-service",
            show=False,
        ),
        Binding("right,l", "step(1)", "Next service of it", id="overview.next-service", show=False),
        Binding("home,g", "jump(0)", "First system", id="overview.first", show=False),
        Binding("end,G", "jump(-1)", "Last system", id="overview.last", show=False),
        Binding("enter", "open", "Open", id="overview.open", tooltip="Show its services"),
        Binding("x", "app.offers", "Actions", id="overview.actions"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on something else."""

        spot: Spot

    @dataclass
    class Opened(Message):
        """A person wants to see a system's services, or one of them."""

        spot: Spot

    spot: var[Spot | None] = var(None, init=False)
    faults_only: var[bool] = var(False, init=False)
    filter_text: var[str] = var("", init=False)
    is_compact: var[bool] = var(False, init=False)
    """True: two lines per system, whatever the room."""

    @property
    def shown(self) -> tuple[SystemView, ...]:
        """The systems that the filter and "faults only" leave."""
        if self.picture is None:
            return ()
        wanted = self.filter_text.casefold()
        return tuple(
            view
            for view in self.picture.systems
            if (not self.faults_only or is_trouble(view)) and wanted in _search_text(view)
        )

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Systems shown and in all; marks do not exist here."""
        return len(self.shown), len(self.picture.systems) if self.picture else 0, 0, 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        count = len(self.picture.systems) if self.picture else 1
        room = container.height - _KEPT_FOR_CHANGES
        rows = _COMPACT_ROWS if self.is_compact else rows_per_card(max(1, count), room)
        return max(1, len(self.shown) * rows)

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        shown = self.shown
        if not shown:
            hidden = len(picture.systems)
            what = f"of {plural(hidden, 'system')}, shown" if hidden else "configured systems"
            return (absence_line(Absence.NONE, what),)
        rows = rows_per_card(len(shown), height)
        spot = self.current
        lines: list[Line] = []
        for view in shown:
            lines += card(view, width, rows, picture.now, spot)
        return tuple(lines)

    @property
    def current(self) -> Spot | None:
        """What the cursor is on; before it was moved, the first system in the worst trouble."""
        names = {view.spec.name for view in self.shown}
        if self.spot is not None and self.spot.system in names:
            return self.spot
        worst = max(self.shown, key=lambda view: view.verdict.rank, default=None)
        return Spot(worst.spec.name) if worst else None

    @property
    def offers_target(self) -> str:
        """The system or service under the cursor."""
        spot = self.current
        if spot is None:
            return ""
        return f"{spot.system}/{spot.service}" if spot.service else spot.system

    def watch_picture(self) -> None:
        self._resettle()

    def watch_faults_only(self) -> None:
        self._resettle()

    def watch_filter_text(self) -> None:
        self._resettle()

    def watch_is_compact(self) -> None:
        self._resettle()

    def _resettle(self) -> None:
        """Draw anew, and lay out anew when there is another number of cards."""
        count = len(self.shown)
        if count != self._laid_out:
            self._laid_out = count
            self.refresh(layout=True)
        self.redraw()

    _laid_out = -1

    def action_move(self, by: int) -> None:
        """Go to the next or previous system."""
        self._go_to(self._index() + by)

    def action_jump(self, index: int) -> None:
        """Go to the first or the last system."""
        self._go_to(index if index >= 0 else len(self.shown) + index)

    def action_step(self, by: int) -> None:
        """Go to the next or previous service of the system; the first step back is the system."""
        current, view = self.current, self._view()
        if current is None or view is None:
            return
        names = ["", *(str(one.spec.id.service) for one in view.services)]
        at = names.index(current.service) if current.service in names else 0
        self._stand_on(Spot(current.system, names[max(0, min(len(names) - 1, at + by))]))

    def action_open(self) -> None:
        """Drill into what the cursor is on."""
        if self.current is not None:
            self.post_message(self.Opened(self.current))

    def on_click(self, event: Click) -> None:
        """Put the cursor on the card that was clicked."""
        rows = rows_per_card(max(1, len(self.shown)), self.size.height)
        self._go_to((event.y + self.scroll_offset.y) // rows)

    def _index(self) -> int:
        current = self.current
        names = [view.spec.name for view in self.shown]
        return names.index(current.system) if current else 0

    def _view(self) -> SystemView | None:
        shown = self.shown
        return shown[self._index()] if shown else None

    def _go_to(self, index: int) -> None:
        shown = self.shown
        if shown:
            self._stand_on(Spot(shown[max(0, min(len(shown) - 1, index))].spec.name))

    def _stand_on(self, spot: Spot) -> None:
        self.spot = spot
        self.redraw()
        rows = rows_per_card(max(1, len(self.shown)), self.size.height)
        region = Region(0, self._index() * rows, self.size.width, rows)
        self.scroll_to_region(region, animate=False)
        self.post_message(self.Moved(spot))


def _search_text(view: SystemView) -> str:
    names = " ".join(str(one.spec.id.service) for one in view.services)
    return f"{view.spec.name} {names} {view.verdict} {view.reason}".casefold()
