"""Host & metrics: the machine over time, processes, ports, metric series, Redis servers."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, ScreenResume
from textual.reactive import var
from textual.widget import Widget

from core.model.host import ListeningPort
from core.model.redis_view import RedisPicture, Watch
from core.model.views import Picture
from screens.base import ConsoleScreen
from screens.redis_wish import RedisWished
from widgets.filterable import Filterable
from widgets.host_charts_pane import HostChartsPane
from widgets.host_pages_pane import HostPagesPane
from widgets.host_storage_pane import HostStoragePane
from widgets.lean_table import LeanTable
from widgets.metric_chart_pane import MetricChartPane
from widgets.metrics_table_pane import MetricsTablePane
from widgets.ports_table_pane import PortsTablePane
from widgets.present.process_details import key_of_pid
from widgets.process_details_pane import ProcessDetailsPane
from widgets.processes_table_pane import ProcessesTablePane
from widgets.redis_pane import RedisPane

PAGES: dict[str, tuple[type[Widget], ...]] = {
    "machine": (HostChartsPane,),
    "processes": (ProcessesTablePane,),
    "ports": (PortsTablePane,),
    "storage": (HostStoragePane,),
    "metrics": (MetricsTablePane, MetricChartPane),
    "redis": (RedisPane,),
}
"""Pages with their panes, in the order in which tab visits them."""
_WHOLE = "redis"
"""The page that takes the whole screen, however large it is."""


class HostScreen(ConsoleScreen):
    """All panes of the machine side by side where there is room, else one page at a time."""

    # As Textual documents it; its own annotation is wider.
    CSS_PATH = "host.tcss"  # pyright: ignore[reportIncompatibleVariableOverride]
    BINDINGS = [
        Binding("tab", "turn(1)", "Next pane", id="host.next-pane", show=False),
        Binding("shift+tab", "turn(-1)", "Previous pane", id="host.previous-pane", show=False),
    ]

    redis: var[RedisPicture | None] = var(None, init=False)
    """What is known of the Redis servers. Assigned by whoever reads them, while it is wished."""

    def compose_body(self) -> ComposeResult:
        yield HostPagesPane()
        with Vertical(id="machine"):
            yield HostChartsPane()
        with Horizontal(id="tables"):
            yield ProcessesTablePane()
            with Vertical(id="beside"):
                yield PortsTablePane()
                yield HostStoragePane()
        with Horizontal(id="metrics"):
            yield MetricsTablePane()
            yield MetricChartPane()
        with Vertical(id="redis"):
            yield RedisPane()
        yield ProcessDetailsPane()

    def show(self, picture: Picture) -> None:
        pages = self.query_one(HostPagesPane)
        pages.names = tuple(self._pages())
        self.set_class(_WHOLE in pages.names, "-with-redis")
        if not pages.current:
            self._turn_to("machine")
        for pane in (HostChartsPane, HostStoragePane, MetricChartPane, ProcessDetailsPane):
            self.query_one(pane).picture = picture
        for table in (ProcessesTablePane, PortsTablePane, MetricsTablePane):
            self.query_one(table).picture = picture
        self.query_one(MetricChartPane).entry = self.query_one(MetricsTablePane).selected
        self.query_one(RedisPane).redis = self.redis

    @property
    def filtered(self) -> Filterable | None:
        """The table that `/` and `!` work on; a page without one has none."""
        return None if self.query_one(HostPagesPane).current == _WHOLE else super().filtered

    def select(self, target: str) -> bool:
        """Go to a page by its name, or to a row."""
        if target not in self._pages():
            return super().select(target)
        self._turn_to(target)
        self.query_one(PAGES[target][0]).focus()
        return True

    def action_turn(self, by: int) -> None:
        """Give the keys to the next pane, showing its page where only one is shown."""
        panes = [(page, pane) for page, kinds in self._pages().items() for pane in kinds]
        at = next((index for index, (_, kind) in enumerate(panes) if type(self.focused) is kind), 0)
        page, kind = panes[(at + by) % len(panes)]
        self._turn_to(page)
        self.query_one(kind).focus()

    def _pages(self) -> dict[str, tuple[type[Widget], ...]]:
        """Return the pages that there is something to show on."""
        systems = self.picture.topology.systems if self.picture else ()
        has_redis = any(system.redis for system in systems)
        return {name: kinds for name, kinds in PAGES.items() if has_redis or name != _WHOLE}

    def _turn_to(self, page: str) -> None:
        before = self.query_one(HostPagesPane).current
        self.query_one(HostPagesPane).current = page
        for name in PAGES:
            self.set_class(name == page, f"-on-{name}")
        if page != "processes":
            self.remove_class("-with-details")
        if _WHOLE in {page, before} and page != before:
            self._watch_servers()

    @on(ScreenResume)
    def resume_servers(self) -> None:
        """Have the servers looked at again after another screen."""
        if self.query_one(HostPagesPane).current == _WHOLE:
            self._watch_servers()

    def _watch_servers(self) -> None:
        """Have the servers looked at while their page is shown, and only then."""
        is_shown = self.query_one(HostPagesPane).current == _WHOLE
        self.post_message(RedisWished(Watch(frozenset({"server"} if is_shown else ()))))

    def watch_redis(self) -> None:
        if self.is_up:
            self.query_one(RedisPane).redis = self.redis

    @on(RedisPane.Wished)
    def wish(self, message: RedisPane.Wished) -> None:
        """Pass on what somebody wants to see of a server."""
        message.stop()
        self.post_message(RedisWished(message.wish))

    @on(DescendantFocus)
    def note_page(self, event: DescendantFocus) -> None:
        """Remember which page has the keys, for when the window becomes small."""
        for page, kinds in PAGES.items():
            if type(event.widget) in kinds:
                self._turn_to(page)

    @on(LeanTable.Highlighted)
    def follow(self, message: LeanTable.Highlighted) -> None:
        """Tell about what the cursor is on."""
        message.stop()
        self.query_one(MetricChartPane).entry = self.query_one(MetricsTablePane).selected
        self.query_one(ProcessDetailsPane).key = self.query_one(ProcessesTablePane).cursor_key

    @on(LeanTable.Selected)
    def drill(self, message: LeanTable.Selected) -> None:
        """Go from a process to all of it, from a port to its process, or to a series' chart."""
        message.stop()
        if self.maximized is not None:
            self.minimize()
        match message.table:
            case ProcessesTablePane():
                self.add_class("-with-details")
            case PortsTablePane() as ports:
                self._go_to_process(ports.selected)
            case MetricsTablePane():
                self.query_one(MetricChartPane).focus()
            case _:
                pass

    def _go_to_process(self, port: ListeningPort | None) -> None:
        """Give the keys to the table of processes, on the one that listens."""
        if port is None or self.picture is None:
            return
        table = self.query_one(ProcessesTablePane)
        key = key_of_pid(self.picture.snapshot.host, port.pid)
        if all(row.key != key for row in table.shown):
            table.filter_text, table.faults_only = "", False
        table.cursor_key = key
        self._turn_to("processes")
        table.focus()

    def step_back(self) -> bool:
        is_on_process = self.has_class("-with-details")
        self.remove_class("-with-details")
        return is_on_process
