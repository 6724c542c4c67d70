"""Lines lose their secrets, and nothing else, whatever spans they go over."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.keys.redaction import Redactor
from core.model.secret import MASK, Secret
from core.model.veil import VEIL
from widgets.present.line import Line, Tone, line, span
from widgets.present.log_rows import wrapped
from widgets.present.veiling import veiled

VALUE = "key_9fQ2xVb7Lk0aTz8RmWc4"


def text_of(one: Line) -> str:
    return "".join(part.text for part in one)


@given(st.lists(st.integers(0, 40), max_size=6))
def test_a_secret_that_goes_over_spans_is_hidden_once(cuts: list[int]) -> None:
    VEIL.redacting = Redactor([Secret(VALUE)])
    whole = f"user bob {VALUE} logged in"
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    parts = [whole[a:b] for a, b in pairwise(places)]
    assert (
        text_of(veiled(line(*(span(one, Tone.DIM) for one in parts))))
        == f"user bob {MASK} logged in"
    )


def test_the_mask_has_the_tone_of_where_the_secret_begins() -> None:
    VEIL.redacting = Redactor([Secret(VALUE)])
    drawn = veiled(line(span("a ", Tone.DIM), span(VALUE[:9], Tone.DOWN), span(VALUE[9:], Tone.OK)))
    assert drawn == (span("a ", Tone.DIM), span(MASK, Tone.DOWN))


def test_of_a_wrapped_secret_no_line_shows_a_part() -> None:
    VEIL.redacting = Redactor([Secret(VALUE)])
    for before in range(60):
        lines = wrapped(line(span("x" * before + " " + VALUE + " end")), 40, 2)
        shown = "".join(text_of(one).strip() for one in lines)
        assert VALUE[4:10] not in shown
        assert VALUE[-6:] not in shown


def test_a_line_without_secrets_is_the_same_line() -> None:
    VEIL.redacting = Redactor([Secret(VALUE)])
    one = line(span("nothing here"))
    assert veiled(one) is one
