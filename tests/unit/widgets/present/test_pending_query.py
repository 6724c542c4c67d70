"""The line that says which pending entries are wanted."""

import pytest

from core.model.stream import PendingFilter
from widgets.present.pending_query import (
    PendingQueryError,
    parse_pending_query,
    pending_query_text,
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", PendingFilter()),
        ("   ", PendingFilter()),
        ("idle>1h", PendingFilter(min_idle_s=3600.0)),
        ("idle>=1h30m deliveries>3", PendingFilter(5400.0, 4)),
        ("deliveries>=3 consumer=c1", PendingFilter(0.0, 3, "c1")),
        ("connection refused", PendingFilter(text="connection refused")),
        ('IDLE>90s consumer="a b" "x=1"', PendingFilter(90.0, 0, "a b", "x=1")),
        (r"consumer=c\x00\x1b", PendingFilter(consumer=r"c\x00\x1b")),
        (r'"say \"no\""', PendingFilter(text='say "no"')),
        ("[bold] {0} %s", PendingFilter(text="[bold] {0} %s")),
    ],
)
def test_a_line_is_understood(text: str, wanted: PendingFilter) -> None:
    assert parse_pending_query(text) == wanted
    assert parse_pending_query(pending_query_text(wanted)) == wanted


@pytest.mark.parametrize(
    ("text", "problem", "at_char"),
    [
        ("idle<1h", "only > and >= can be asked", 0),
        ("x idle>soon", "not a duration", 7),
        ("idle>5", "not a duration", 5),
        ("deliveries=3", "only > and >= can be asked", 0),
        ("deliveries>many", "not a number", 11),
        ("deliveries>-1", "not a number", 11),
        ("deliveries>²", "not a number", 11),
        ("consumer>c1", "only = can be asked", 0),
        ("consumer=", "which consumer?", 9),
        ("delivered>3", "there is no 'delivered'", 0),
        ('a "b', "this quote is not closed", 2),
        ('ab"c', "this quote is not closed", 2),
    ],
)
def test_what_is_not_understood_is_told_with_its_place(
    text: str, problem: str, at_char: int
) -> None:
    with pytest.raises(PendingQueryError) as caught:
        parse_pending_query(text)
    assert problem in caught.value.problem
    assert caught.value.at_char == at_char
