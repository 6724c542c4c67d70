"""Numbers in payloads, as long as arithmetic can use them; others stay the text they are."""

import math
from typing import Final

MAX_DIGITS: Final = 300
"""Integers up to here still convert to a float."""


def whole(digits: str) -> int | str:
    """Return an integer, or its text when it is too long."""
    return int(digits) if len(digits) <= MAX_DIGITS else digits


def finite(digits: str) -> float | str:
    """Return a float, or its text when none is that large."""
    number = float(digits)
    return number if math.isfinite(number) else digits
