"""Limits & circuits: breakers above, clients below by who is being limited, one of them beside."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import DescendantFocus, ScreenResume
from textual.reactive import var

from core.model.redis_view import RedisPicture, Scan, Watch
from core.model.views import Picture
from screens.base import ConsoleScreen
from screens.redis_wish import RedisWished
from widgets.circuits_table_pane import CircuitsTablePane
from widgets.lean_table import LeanTable
from widgets.limit_details_pane import LimitDetailsPane
from widgets.limits_table_pane import LimitsTablePane
from widgets.line_strip import LineStrip
from widgets.present.limits import note_lines, summary_line

_WATCHED = Watch(frozenset({"limits", "circuits"}))
_MOST_NOTES = 3


class LimitsScreen(ConsoleScreen):
    """Looks at limiters and breakers; what changes them goes through a plan."""

    # As Textual documents it; its own annotation is wider.
    CSS_PATH = "limits.tcss"  # pyright: ignore[reportIncompatibleVariableOverride]
    BINDINGS = [
        Binding("tab", "turn", "Next pane", id="limits.next-pane", show=False),
        Binding("c", "scan", "Count all", id="limits.count"),
    ]

    redis: var[RedisPicture | None] = var(None, init=False)
    """What is known of Redis; the application assigns it."""

    def compose_body(self) -> ComposeResult:
        yield LineStrip(id="summary")
        yield LineStrip(id="notes")
        with Vertical(id="body"):
            with Vertical(id="tables"):
                yield CircuitsTablePane()
                yield LimitsTablePane()
            yield LimitDetailsPane()

    def on_mount(self) -> None:
        self.query_one(CircuitsTablePane).focus()

    @on(ScreenResume)
    def watch_servers(self) -> None:
        """Have the servers looked at while this is in front."""
        self.post_message(RedisWished(_WATCHED))

    def show(self, picture: Picture) -> None:
        self.query_one(CircuitsTablePane).picture = picture
        self.query_one(LimitDetailsPane).picture = picture
        if not any(system.redis for system in picture.topology.systems):
            self.redis = RedisPicture(is_read=True)
        self._sum_up()

    def watch_redis(self) -> None:
        if self.redis is None or not self.is_up:
            return
        for table in (CircuitsTablePane, LimitsTablePane):
            self.query_one(table).redis = self.redis
        self._sum_up()
        self._show_selected()
        self._refresh_filter()
        self._take_aim()

    def select(self, target: str) -> bool:
        """Go to a breaker, `system/circuits/name`, or to a system's clients, `system/limits/…`."""
        system, _, rest = target.partition("/")
        kind, _, name = rest.partition("/")
        if kind not in {"circuits", "limits"}:
            return super().select(target)
        if self.redis is None or not self.redis.is_read:
            self._target = target
            return True
        table = self.query_one(CircuitsTablePane if kind == "circuits" else LimitsTablePane)
        table.focus()
        own = [row.key for row in table.rows if row.key.startswith(f"{system}/")]
        named = [key for key in own if name in key.split(" ")[1:]]
        found = named if name else own
        if found:
            table.cursor_key = found[0]
        return bool(found) or not name

    def _sum_up(self) -> None:
        if self.redis is None:
            return
        summary, notes = self.query_one("#summary", LineStrip), self.query_one("#notes", LineStrip)
        summary.lines = (summary_line(self.redis, self.size.width),)
        lines = note_lines(self.redis, self.size.width)[:_MOST_NOTES]
        notes.styles.height = len(lines)
        notes.display = bool(lines)
        notes.lines = lines

    def _show_selected(self) -> None:
        limits, circuits = self.query_one(LimitsTablePane), self.query_one(CircuitsTablePane)
        details = self.query_one(LimitDetailsPane)
        chosen = limits.selected if self._is_on_limits else circuits.selected
        known = self.redis.limits if self.redis is not None else ()
        details.limits = next(
            (one for one in known if chosen and one.server == chosen.server), None
        )
        details.subject = chosen

    @property
    def _is_on_limits(self) -> bool:
        return self.has_class("-on-limits")

    @on(DescendantFocus)
    def note_table(self, event: DescendantFocus) -> None:
        """Tell about the table that has the keys."""
        if isinstance(event.widget, LimitsTablePane | CircuitsTablePane):
            self.set_class(isinstance(event.widget, LimitsTablePane), "-on-limits")
            self._show_selected()

    @on(LeanTable.Highlighted)
    def follow(self, message: LeanTable.Highlighted) -> None:
        """Tell about what the cursor is on."""
        message.stop()
        self._show_selected()

    @on(LeanTable.Selected)
    def drill(self, message: LeanTable.Selected) -> None:
        """Show a row in full."""
        message.stop()
        self.add_class("-on-details")
        self.call_after_refresh(self.query_one(LimitDetailsPane).focus)

    def step_back(self) -> bool:
        was_on_details = self.has_class("-on-details")
        self.remove_class("-on-details")
        if was_on_details:
            kind = LimitsTablePane if self._is_on_limits else CircuitsTablePane
            self.query_one(kind).focus()
        return was_on_details

    def action_turn(self) -> None:
        """Give the keys to the other table."""
        kind = CircuitsTablePane if self._is_on_limits else LimitsTablePane
        self.query_one(kind).focus()

    def action_scan(self) -> None:
        """Count every record, from the start, however many there are."""
        for server in self.redis.servers if self.redis is not None else ():
            self.post_message(RedisWished(Scan(server.server, "limits")))
