"""The table of listening ports."""

from textual.reactive import var

from core.model.views import Picture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.processes import port_cells, port_key, port_search, port_sort

PORT_COLUMNS = (
    Column("port", "PORT", 6, justify="right", is_frozen=True),
    Column("protocol", "PROTO", 5, priority=2),
    Column("address", "LISTENS ON", 16),
    Column("process", "PROCESS", 14, weight=1),
)


class PortsTablePane(LeanTable):
    """Who listens on what."""

    picture: var[Picture | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = PORT_COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "listening ports")

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
