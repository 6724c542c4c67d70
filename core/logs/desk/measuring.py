"""The numbers of one field, taken from records, with the unit that the field's name says. Pure."""

from core.logs.aggregate.percentiles import DistributionOf
from core.logs.aggregate.values import number
from core.logs.query.fields import unit_ms
from core.model.log import LogRecord
from core.model.log_view import LogMeasure

_DURATIONS = {1e-6: "ns", 1e-3: "µs", 1.0: "ms", 1000.0: "s", 60_000.0: "min"}
"""By milliseconds."""
_UNITS = {
    "bytes": "B", "_kb": "kB", "_mb": "MB", "_gb": "GB", "_percent": "%", "_pct": "%",
}  # fmt: skip
"""By how the name ends."""


def unit_of(field: str) -> str:
    """Return the unit that a field's name says; empty: it says none."""
    duration_ms = unit_ms(field)
    if duration_ms is not None:
        return _DURATIONS.get(duration_ms, "")
    name = field.lower()
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "")


class Measuring:
    """Takes records; says what the numbers of a field amount to."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._value_of = number(field)
        self._values = DistributionOf()

    def add(self, record: LogRecord) -> None:
        """Take the number of one record, or count it as one without."""
        self._values.add(self._value_of(record))

    def result(self, *, is_complete: bool) -> LogMeasure:
        """Return the figures of all records so far."""
        found = self._values.result()
        return LogMeasure(
            self._field,
            unit_of(self._field),
            found.count,
            found.without,
            found.minimum,
            found.average,
            found.maximum,
            tuple((one.share, one.value) for one in found.percentiles),
            found.relative_error,
            is_complete,
        )
