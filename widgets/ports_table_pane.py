"""The table of listening ports."""

from textual.reactive import var

from core.model.host import ListeningPort
from core.model.views import Picture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.process_details import key_of_pid
from widgets.present.processes import port_cells, port_key, port_search, port_sort

PORT_COLUMNS = (
    Column("port", "PORT", 6, justify="right", is_frozen=True),
    Column("protocol", "PROTO", 5, priority=2),
    Column("address", "LISTENS ON", 16),
    Column("process", "PROCESS", 14, weight=1),
)


class PortsTablePane(LeanTable):
    """Who listens on what; a row leads to its process."""

    picture: var[Picture | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = PORT_COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "listening ports")

    @property
    def selected(self) -> ListeningPort | None:
        """The port under the cursor."""
        ports = self.picture.snapshot.host.ports if self.picture else ()
        return next((one for one in ports if port_key(one) == self.cursor_key), None)

    def reason_against(self, action: str) -> str:
        if action == "faults":
            return "a port is neither well nor in trouble"
        port = self.selected
        if action != "select" or port is None or self.picture is None:
            return super().reason_against(action)
        if port.pid is None:
            return "its owner is hidden"
        is_listed = bool(key_of_pid(self.picture.snapshot.host, port.pid))
        return "" if is_listed else "it is not listed"

    def watch_cursor_key(self, before: str, after: str) -> None:
        super().watch_cursor_key(before, after)
        self.refresh_bindings()

    def watch_picture(self) -> None:
        if self.picture is None:
            return
        host = self.picture.snapshot.host
        absence = Absence.LOADING if host.ports_at is None else Absence.NONE
        self.empty_text = absence_line(absence, "listening ports")
        ports = sorted(host.ports, key=lambda one: (one.port, one.protocol, one.address))
        self.rows = tuple(
            Row(port_key(one), port_cells(one), port_sort(one), port_search(one)) for one in ports
        )
