"""Saved queries keep what is asked for one value, whatever is in it."""

from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import QueryError
from core.logs.query.query import parse_query
from core.logs.query.tree import Equals, InNetwork
from core.logs.saved import filled, parameters_of, sampled


def test_placeholders_are_told_in_order_and_once() -> None:
    assert parameters_of("user={user} or by={by} or to={user}") == ("user", "by")
    assert parameters_of("message='{1}' {} { x }") == ()


@given(st.text(min_size=1, max_size=30))
@example("10.0.0.0/8")
@example('" or level=info or "')
def test_a_value_stays_one_value(value: str) -> None:
    try:
        found = parse_query(filled("user_id={user}", {"user": value}), 0.0)
    except QueryError:
        return  # a value that no field can have; it was not understood as something else
    assert isinstance(found.tree, Equals | InNetwork)
    assert found.tree.field == "user_id"


def test_a_sample_is_as_long_as_what_it_stands_for() -> None:
    text = "user={user} level>=warn"
    assert len(sampled(text)) == len(text)
    assert "{" not in sampled(text)
