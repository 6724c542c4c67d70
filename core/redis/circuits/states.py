"""The words and figures by which breakers and their metrics tell a state. Pure."""

import re
from collections.abc import Sequence

from core.model.circuit import CircuitState
from core.model.text import SafeText, clean
from core.redis.figures import Unusable, parse_number

_WORD = re.compile(r"[A-Za-z]+(?:[-_ ][A-Za-z]+)?")
_WORDS = {
    "closed": CircuitState.CLOSED,
    "open": CircuitState.OPEN,
    "forcedopen": CircuitState.OPEN,
    "halfopen": CircuitState.HALF_OPEN,
    "halfopened": CircuitState.HALF_OPEN,
}
USUAL_LEGEND = (("0", "closed"), ("1", "open"), ("2", "half-open"))
"""Of records that hold a figure, where the configuration does not say otherwise."""

Legend = Sequence[tuple[str, str]]


def state_word(text: str) -> CircuitState | None:
    """Return the state of a word, in any spelling; None: it is none."""
    text = text.strip().strip("\"'")
    if not _WORD.fullmatch(text):
        return None
    return _WORDS.get(re.sub("[-_ ]", "", text).lower())


def meaning(raw: str, legend: Legend) -> str | None:
    """Return what a figure means by a legend; `1.0` is `1`. None: the legend does not know it."""
    wanted = _figure(raw)
    for value, word in legend:
        if value == raw.strip() or (wanted is not None and _figure(value) == wanted):
            return word
    return None


def figure_state(raw: str, legend: Legend) -> tuple[CircuitState, SafeText] | None:
    """Return the state of a figure in a record, and how it was read; None: it is none.

    The configured legend is of the metric. Code that keeps 0, 1, 2 in its record may well export
    1, 2, 3: the legend counts here only where it begins with 0 too, or for what only it knows.
    """
    is_alike = meaning("0", legend) is not None
    chosen = legend if is_alike or meaning(raw, USUAL_LEGEND) is None else USUAL_LEGEND
    word = meaning(raw, chosen)
    state = state_word(word) if word is not None else None
    if state is None:
        return None
    said = ", ".join(f"{value} {means}" for value, means in chosen)
    return state, clean(f"{raw.strip()} is read as {state} ({said})")


def _figure(text: str) -> float | None:
    try:
        return parse_number(text.encode("utf-8", "surrogateescape"))
    except Unusable:
        return None
