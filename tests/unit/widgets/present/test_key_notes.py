"""What must be known before the table of keys is read."""

from dataclasses import replace

from bench.scene import NOW
from bench.scene_keys import keys_picture
from core.model.keys_view import KeysPicture
from core.model.text import EMPTY
from widgets.present.fitting import width_of
from widgets.present.key_listing import listing_of
from widgets.present.key_notes import alarm_lines, fewer, keys_absence, keys_summary, store_notes
from widgets.present.line import Line, Tone

PICTURE = keys_picture(NOW)
API, GATEWAY, CORRUPT, MISSING, *_ = PICTURE.stores


def text_of(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(span.text for span in one) for one in lines)


def of(*stores: object) -> KeysPicture:
    return replace(PICTURE, stores=stores)  # pyright: ignore[reportArgumentType]


def test_the_summary_counts_stores_keys_and_findings() -> None:
    said = text_of((keys_summary(PICTURE, listing_of(PICTURE).counts, NOW, 200),))
    assert said.startswith("6 stores, 1 missing, 1 not readable, 1 read-only   14 keys, 12 active")
    assert "✖ 1 over quota   ▲ 6 with findings" in said
    assert said.endswith("read 2s ago")


def test_what_does_not_fit_is_left_out_whole() -> None:
    for width in range(10, 200):
        said = keys_summary(PICTURE, listing_of(PICTURE).counts, NOW, width)
        assert width_of(said) <= width
        assert "…" not in text_of((said,))


def test_a_loss_says_when_and_what_has_the_keys() -> None:
    said = text_of(alarm_lines(PICTURE, NOW, 200))
    assert "12 keys vanished from api-gateway/clients at 03:01:07Z: x offers restore" in said
    loss = GATEWAY.loss
    assert loss is not None
    bare = replace(GATEWAY, loss=replace(loss, count=1, backup=EMPTY))
    assert "1 key vanished" in text_of(alarm_lines(of(bare), NOW, 200))
    assert "no copy has them" in text_of(alarm_lines(of(bare), NOW, 200))


def test_a_loss_can_be_understood_on_eighty_columns() -> None:
    said = text_of(alarm_lines(PICTURE, NOW, 80))
    assert "x offers restore" in said
    assert all(width_of(one) <= 80 for one in alarm_lines(PICTURE, NOW, 80))


def test_nobody_looking_any_more_is_told_first() -> None:
    said = alarm_lines(replace(PICTURE, is_broken=True), NOW, 120)
    assert "nobody reads" in text_of(said[:1])
    assert said[0][0].tone is Tone.DOWN


def test_what_cannot_be_read_says_how_old_it_is_and_comes_before_findings() -> None:
    lines = store_notes(PICTURE, NOW, 200)
    said = text_of(lines).splitlines()
    assert "what is shown is 3 m 04 s old" in said[0]
    assert "scraper/scraper-keys is missing" in said[1]
    assert said[2].startswith("▲ api-service/keys: split store: the server reads")
    assert said[-1].startswith("▲ legacy/users is read-only: two readings fit")


def test_nothing_is_said_twice() -> None:
    assert CORRUPT.why
    doubled = replace(CORRUPT, findings=(CORRUPT.why,))
    assert len(store_notes(of(doubled), NOW, 200)) == 1


def test_too_many_notes_say_how_many_more_there_are() -> None:
    lines = store_notes(PICTURE, NOW, 80)
    shown = fewer(lines, 3)
    assert len(shown) == 3
    assert f"… {len(lines) - 2} more" in text_of(shown)
    assert fewer(lines, len(lines)) == lines


def test_loading_none_and_broken_are_three_texts() -> None:
    pictures = (KeysPicture(), KeysPicture(is_read=True), KeysPicture(is_broken=True))
    texts = [text_of((keys_absence(one),)) for one in pictures]
    assert len(set(texts)) == 3
    assert keys_absence(None) == keys_absence(KeysPicture())


def test_a_missing_store_that_was_never_read_shows_no_age() -> None:
    assert "old" not in text_of(store_notes(of(MISSING), NOW, 200))


def test_a_key_is_counted_as_over_its_quota_only_where_its_row_says_so() -> None:
    store = PICTURE.stores[0]
    key = replace(store.keys[0], is_active=True, quota=100, used_month=100, percent=100.0)
    used_up = of(replace(store, keys=(key,)))
    over = of(replace(store, keys=(replace(key, used_month=101, percent=101.0),)))
    counted = [
        "1 over quota" in text_of((keys_summary(one, listing_of(one).counts, NOW, 200),))
        for one in (used_up, over)
    ]
    assert counted == [False, True]
