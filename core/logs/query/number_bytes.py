"""Numbers in a range, as patterns of their digits. Pure.

Invariant: a pattern is found in every spelling of a number in the range; it may be found in more.
"""

import math

_NEARLY = 1e-9
"""Bounds are widened by this share: `0.99999999999999999999` is 1 to whoever compares floats."""
_LARGEST = 1e15
ANY_NUMBER = rb"[-+.0-9]"
_OTHER_SPELLING = rb"[-+]?[0-9.]+[A-Za-z\xc2\xce\\]"
"""With an exponent, or with a unit: `5.001e3`, `1.5s`, `12µs`."""


def number_pattern(operator: str, number: float) -> bytes:
    """Return what the digits of a number on this side of `number` look like.

    Args:
        operator: One of `> >= < <= =`.
        number: The bound.
    """
    if abs(number) > _LARGEST:
        return ANY_NUMBER
    lower = math.floor(number - abs(number) * _NEARLY)
    upper = math.floor(number + abs(number) * _NEARLY)
    if operator in {">", ">="}:
        if lower <= 0:
            return ANY_NUMBER
        return rb"(?:\+?0*(?:%b)|%b)" % (_at_least(lower), _OTHER_SPELLING)
    if number < 0:
        return rb"(?:-|%b)" % _OTHER_SPELLING
    least = max(0, lower) if operator == "=" else 0
    digits = b"|".join(_between(least, upper))
    sign = rb"[-+]?" if operator == "=" else rb"\+?"
    others = [_OTHER_SPELLING]
    if operator != "=":
        others.append(b"-")
    if least == 0:
        others.append(rb"[-+]?\.")
    return rb"(?:%b0*(?:%b)(?:[^0-9]|$)|%b)" % (sign, digits, b"|".join(others))


def _at_least(low: int) -> bytes:
    """Return the whole numbers from `low` on; what follows them does not matter."""
    digits = len(str(low))
    longer = rb"[0-9]{%d,}" % (digits + 1)
    return b"|".join([*_between(low, 10**digits - 1), longer])


def _between(low: int, high: int) -> list[bytes]:
    """Return patterns that together are the whole numbers from `low` to `high`, no more."""
    found: list[bytes] = []
    while low <= high:
        top = _block_end(low, high)
        found.append(_digits(str(low), str(top)))
        low = top + 1
    return found


def _block_end(low: int, high: int) -> int:
    """Return the end of the largest block from `low` that one pattern can say."""
    best, size = low, 1
    while True:
        digit = low // size % 10
        for last in range(9, digit - 1, -1):
            end = low + (last - digit) * size + size - 1
            if low % size == 0 and end <= high and len(str(end)) == len(str(low)):
                best = max(best, end)
                break
        size *= 10
        if low % size or size > high + 1:
            return best


def _digits(low: str, high: str) -> bytes:
    """Return the pattern of a block: equal digits, one range, then whole tens."""
    parts: list[str] = []
    for first, last in zip(low, high, strict=True):
        parts.append(first if first == last else f"[{first}-{last}]")
    return "".join(parts).encode()


def three_digits(operator: str, number: float) -> bytes:
    """Return the HTTP status codes on this side of `number`; empty where there are none."""
    nearly = abs(number) * _NEARLY
    low = 100 if operator in {"<", "<="} else max(100, math.ceil(min(number - nearly, 1000)))
    high = 999 if operator in {">", ">="} else min(999, math.floor(max(number + nearly, 0)))
    return b"|".join(_between(low, high))
