"""When sources look: first looks soon, later ones spread, failures ever more rarely. Pure."""

import random

BACKOFF_CAP_S = 30.0
"""Longest wait between two tries of a source that cannot look, unless its interval is longer."""
FIRST_LOOKS_WITHIN_S = 0.8
"""All first looks start within this time; two of them at most `FIRST_LOOK_STEP_S` apart."""
FIRST_LOOK_STEP_S = 0.005

_GOLDEN = 0.618033988749895
"""Steps of the golden ratio spread any number of sources evenly over their interval."""


def first_offsets_s(count: int) -> tuple[float, ...]:
    """Return when each of `count` sources looks first, in seconds from the start."""
    step = min(FIRST_LOOK_STEP_S, FIRST_LOOKS_WITHIN_S / max(1, count))
    return tuple(index * step for index in range(count))


def second_gap_s(index: int, every_s: float) -> float:
    """Return seconds from a source's first look to its second: between 0.5 and 1.5 intervals.

    The first looks are crowded; from the second on the sources stay spread.
    """
    return every_s * (0.5 + (index * _GOLDEN) % 1.0)


def usual_gap_s(every_s: float, dice: random.Random) -> float:
    """Return seconds to the next look, with a little jitter against marching in step."""
    return every_s * dice.uniform(0.95, 1.05)


def backoff_s(failures: int, every_s: float, dice: random.Random) -> float:
    """Return seconds to the next try: doubling with each failure in a row, with jitter."""
    doubled = every_s * 2.0 ** min(failures - 1, 16)
    return min(doubled, max(BACKOFF_CAP_S, every_s)) * dice.uniform(0.7, 1.0)
