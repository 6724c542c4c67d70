"""What of a record is counted or measured: a field by any of its names, as text or as number."""

from collections.abc import Callable

from core.logs.query.fields import getter, scaled_getter
from core.logs.query.numbers import number_of, texts_of
from core.model.log import LogRecord
from core.model.text import SafeText, clean

_VALUE_CHARS = 256


def texts(field: str) -> Callable[[LogRecord], tuple[SafeText, ...]]:
    """Return what gives the values of a field as texts, empty where there is none.

    A long value is cut at 256 characters, so that memory is bounded.
    """
    get = getter(field)

    def of(record: LogRecord) -> tuple[SafeText, ...]:
        found = get(record)
        return () if found is ... else tuple(_short(text) for text in texts_of(found))

    return of


def number(field: str) -> Callable[[LogRecord], float | None]:
    """Return what gives a field as a number in the unit of `field`, None where it is none."""
    get = scaled_getter(field)

    def of(record: LogRecord) -> float | None:
        found, scale = get(record)
        return None if found is ... else next(number_of(found, field, scale), None)

    return of


def _short(text: str) -> SafeText:
    return clean(text if len(text) <= _VALUE_CHARS else f"{text[:_VALUE_CHARS]}…")
