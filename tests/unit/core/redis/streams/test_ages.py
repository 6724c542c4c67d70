"""A page that stays in sight grows older with the clock, row by row alike."""

from bench.scene_streams import engine_streams
from core.redis.streams.ages import told_at

VIEW = engine_streams()
assert VIEW.pending is not None
assert VIEW.letters is not None
NOW_S = VIEW.letters.rows[0].entry.id.ms / 1000 + VIEW.letters.rows[0].entry.age_s


def test_at_the_moment_of_reading_nothing_changes() -> None:
    told = told_at(VIEW, NOW_S)
    assert told.letters is not None
    assert VIEW.letters is not None
    for one, before in zip(told.letters.rows, VIEW.letters.rows, strict=True):
        assert abs(one.entry.age_s - before.entry.age_s) < 0.01


def test_a_minute_later_everything_is_a_minute_older() -> None:
    now, later = told_at(VIEW, NOW_S), told_at(VIEW, NOW_S + 60)
    assert now.letters and later.letters and now.pending and later.pending  # noqa: PT018
    for one, before in zip(later.letters.rows, now.letters.rows, strict=True):
        assert round(one.entry.age_s - before.entry.age_s) == 60
        if before.died_age_s is not None:
            assert one.died_age_s is not None
            assert round(one.died_age_s - before.died_age_s) == 60
    for group, earlier in zip(later.letters.groups, now.letters.groups, strict=True):
        assert round(group.oldest_age_s - earlier.oldest_age_s) == 60
        assert round(group.newest_age_s - earlier.newest_age_s) == 60
    for row, young in zip(later.pending.rows, now.pending.rows, strict=True):
        assert round(row.idle_s - young.idle_s) == 60
        assert round(row.age_s - young.age_s) == 60
