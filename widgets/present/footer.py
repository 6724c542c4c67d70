"""The footer: the keys that work here and now, the nearest to the cursor first. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from widgets.present.fitting import fit, width_of
from widgets.present.line import Line, Span, Tone, span

_MORE = "…"


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key and what it does."""

    keys: str
    """As a person presses it: `enter`, `ctrl+p`, `?`."""
    text: str
    is_enabled: bool = True


def footer_line(hints: Sequence[KeyHint], width: int) -> Line:
    """Return as many hints as fit into `width` cells; `…` stands for the others.

    The last hint is kept, whatever goes: it leads to the list of all keys.
    """
    if not hints:
        return fit((), width)
    *others, last = [_hint(hint) for hint in hints]
    room = width - width_of(last)
    shown: list[Span] = []
    for position, hint in enumerate(others):
        is_final = position == len(others) - 1
        needed = width_of(hint) + (0 if is_final else len(_MORE) + 1)
        if needed > room:
            shown.append(span(f"{_MORE} ", Tone.DIM))
            break
        shown += hint
        room -= width_of(hint)
    return fit((*shown, *last), width)


def _hint(hint: KeyHint) -> Line:
    key = Tone.KEY if hint.is_enabled else Tone.DIM
    text = Tone.PLAIN if hint.is_enabled else Tone.DIM
    return (span(hint.keys, key, bold=hint.is_enabled), span(f" {hint.text}  ", text))
