"""The values of a field as numbers and as texts; a text that is no number is none, no error."""

from collections.abc import Iterator
from types import EllipsisType

from core.logs.query.fields import Found, unit_ms
from core.logs.query.quantities import parse_duration_ms, parse_number


def number_of(found: Found, field: str, scale: float) -> Iterator[float]:
    """Yield the numbers in a value, in the unit of `field`.

    Args:
        found: A value; the parts of a list count each.
        field: The name asked for.
        scale: From the unit of the field found to that of the field asked for.
    """
    if isinstance(found, tuple):
        for each in found:
            yield from number_of(each, field, scale)
    elif isinstance(found, str):
        number = parse_number(found)
        if number is not None:
            yield number * scale
            return
        duration_ms = parse_duration_ms(found)
        unit = unit_ms(field)
        if duration_ms is not None and unit is not None:
            yield duration_ms / unit
    elif isinstance(found, int | float) and not isinstance(found, bool):
        try:
            yield found if scale == 1.0 else found * scale
        except OverflowError:
            return


def texts_of(found: Found) -> Iterator[str]:
    """Yield a value as text, as JSON would spell it; the parts of a list each."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, tuple):
        for each in found:
            yield from texts_of(each)
    elif found is None:
        yield "null"
    elif isinstance(found, bool):
        yield "true" if found else "false"
    elif not isinstance(found, EllipsisType):
        yield _spelled(found)


def _spelled(number: float) -> str:
    try:
        return str(number)
    except ValueError:  # an integer of more than 4,300 digits
        return ""
