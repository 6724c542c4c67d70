"""An offer as cells: what can be done, to what, and what it does at its worst. Pure."""

from core.model.action import Danger, Offer
from core.model.text import SafeText, clean, join
from widgets.present.line import Line, Tone, line, span

EFFECTS = {
    Danger.READ: ("reads", Tone.DIM),
    Danger.COPY: ("copies", Tone.PLAIN),
    Danger.CHANGE: ("changes", Tone.PLAIN),
    Danger.INTERRUPT: ("interrupts", Tone.DEGRADED),
    Danger.DESTROY: ("destroys", Tone.DOWN),
}
"""What an action does at its worst, in a word."""


def offer_search(offer: Offer) -> SafeText:
    """Return what a filter looks through."""
    return join(" ", [offer.title, clean(offer.action), clean(offer.target)])


def offer_cells(offer: Offer) -> tuple[Line, ...]:
    """Return title (with the reason against it), target, action and effect."""
    word, tone = EFFECTS[offer.danger]
    is_possible = not offer.reason_against
    title = line(span(offer.title, Tone.PLAIN if is_possible else Tone.DIM))
    if not is_possible:
        title = (*title, span(f"  ({offer.reason_against})", Tone.DEGRADED))
    return (
        title,
        line(span(offer.target, Tone.DIM)),
        line(span(offer.action, Tone.DIM)),
        line(span(word, tone if is_possible else Tone.DIM)),
    )
