"""The metrics browser: every series, and every expected name that has none."""

from textual.reactive import var

from core.model.views import Picture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.metrics import (
    BOUNDS_CELLS,
    TREND_CELLS,
    MetricEntry,
    metric_cells,
    metric_entries,
    metric_search,
    metric_sort,
)

METRIC_COLUMNS = (
    Column("service", "SERVICE", 25, priority=1),
    Column("name", "METRIC", 30, is_frozen=True, weight=1),
    Column("labels", "LABELS", 17, weight=1, priority=3),
    Column("kind", "KIND", 9, priority=6),
    Column("value", "VALUE", 11, justify="right"),
    Column("trend", "TREND", TREND_CELLS, priority=5, is_sortable=False),
    Column("bounds", "FROM…TO", BOUNDS_CELLS, priority=4, is_sortable=False),
)


class MetricsTablePane(LeanTable):
    """Series of all services with their present value or rate."""

    CALM_TEXT = "every endpoint answers"

    picture: var[Picture | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = METRIC_COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "metrics")
        self._entries: dict[str, MetricEntry] = {}
        self._drawn_from: object = None

    def watch_picture(self) -> None:
        if self.picture is None or self.picture.snapshot.metrics is self._drawn_from:
            return
        self._drawn_from = self.picture.snapshot.metrics
        entries = metric_entries(self.picture)
        self._entries = {entry.key: entry for entry in entries}
        self.empty_text = absence_line(Absence.NONE, "configured metrics endpoints")
        self.rows = tuple(
            Row(
                entry.key,
                metric_cells(entry),
                metric_sort(entry),
                metric_search(entry),
                entry.absence is Absence.UNREACHABLE,
            )
            for entry in entries
        )

    @property
    def selected(self) -> MetricEntry | None:
        """The series under the cursor."""
        return self._entries.get(self.cursor_key)
