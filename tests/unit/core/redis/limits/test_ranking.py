"""Who is kept of more records than can be kept, and what is said of those who are not."""

from core.clients.keyspace.port import KeyContent, KeyLook, Value
from core.model.redis_key import KeyName
from core.model.redis_spec import LimitSpec
from core.redis.limits.ranking import MOST_ROWS, Ranking

NOW_S = 1773480413.0
SPEC = LimitSpec("clients", ("limit:*",), capacity=5000, refill_per_s=1)


def bucket(at: int, tokens: float) -> KeyContent:
    fields = {b"tokens": f"{tokens:g}".encode(), b"last_refill": f"{NOW_S:.0f}".encode()}
    values = {name: Value(data, len(data)) for name, data in fields.items()}
    return KeyContent(KeyName(b"limit:%d" % at), KeyLook("hash", 60.0), fields=values)


def ranked(count: int) -> Ranking:
    """Return a ranking of buckets with 10 tokens and more."""
    one = Ranking([SPEC], "shop/redis")
    for at in range(0, count, 50):
        one.note([bucket(at + n, 10 + at + n) for n in range(50)], NOW_S, 1)
        if (at + 50) % MOST_ROWS == 0:
            one.rows(NOW_S)
    return one


def test_what_is_milder_than_the_worst_thousand_is_not_kept() -> None:
    one = ranked(4000)
    assert len(one) == MOST_ROWS
    assert one.is_cut
    assert [row.tokens_now for row in one.rows(NOW_S)] == [10.0 + at for at in range(1000)]


def test_what_is_worse_comes_in_however_late() -> None:
    one = ranked(4000)
    one.note([bucket(9000, 0.5)], NOW_S, 1)
    first, *_ = one.rows(NOW_S)
    assert (first.keys[0].raw, first.is_limited) == (b"limit:9000", True)


def test_a_record_that_is_kept_may_grow_mild() -> None:
    one = ranked(4000)
    one.note([bucket(0, 4900)], NOW_S, 1)
    assert one.rows(NOW_S)[0].keys[0].raw == b"limit:1"


def test_as_many_as_can_be_kept_are_not_cut() -> None:
    one = ranked(MOST_ROWS)
    assert (len(one), one.is_cut) == (MOST_ROWS, False)


def test_after_the_worst_are_gone_the_totals_are_those_of_the_pass_that_left_others_out() -> None:
    one = ranked(2000)
    one.note([bucket(at, 3000) for at in range(5000, 5050)], NOW_S, 2)
    one.forget_before(2)
    assert one.is_cut
    assert one.rows(NOW_S) == ()
    one.note([bucket(at, 3000) for at in range(5000, 5050)], NOW_S, 3)
    one.forget_before(3)
    assert (len(one), one.is_cut) == (50, False)
