"""Keys as rows: what needs a person comes first, and old is never told as now."""

from dataclasses import replace

from bench.scene import NOW
from bench.scene_keys import api_keys, keys_picture
from core.model.key_store import KeyStoreView, StoreState
from core.model.text import clean
from tests.hostile import CORPUS
from widgets.present.key_listing import listing_of
from widgets.present.keys import (
    KeyEntry,
    finding_span,
    is_trouble,
    key_cells,
    key_search,
    key_sort,
    labels_of,
)
from widgets.present.line import Line, Tone
from widgets.present.table import Wish

PICTURE = keys_picture(NOW)
API, GATEWAY, CORRUPT, MISSING, READ_ONLY, LISTED = PICTURE.stores
OVER, NEAR, SAMPLE, IDLE, MOVED, BIG, PLAIN, ODD, GONE, LATE = api_keys(NOW)
COLUMNS = 14


def text_of(drawn: Line) -> str:
    return "".join(one.text for one in drawn)


def cells_of(entry: KeyEntry) -> list[str]:
    return [text_of(cell) for cell in key_cells(entry, "shop", NOW)]


def state_of(store: KeyStoreView, at: int = 0) -> str:
    return cells_of(KeyEntry(store, store.keys[at] if store.keys else None))[0]


def test_whether_a_key_is_live_is_a_shape_and_a_word() -> None:
    states = [cells_of(KeyEntry(API, one))[0] for one in (PLAIN, GONE, LATE)]
    assert states == ["● active", "○ inactive", "○ expired"]


def test_what_could_not_be_read_now_is_told_as_old() -> None:
    assert state_of(CORRUPT) == "? active"
    assert "3m old" in cells_of(KeyEntry(CORRUPT, CORRUPT.keys[0]))[12]
    assert is_trouble(KeyEntry(CORRUPT, CORRUPT.keys[0]))


def test_a_store_without_keys_has_a_row_that_says_why() -> None:
    assert [state_of(one) for one in (MISSING, READ_ONLY)] == ["✖ missing", "▲ read-only"]
    assert "no such file" in cells_of(KeyEntry(MISSING, None))[12]
    assert cells_of(KeyEntry(MISSING, None))[1:12] == [""] * 11
    assert state_of(replace(MISSING, state=StoreState.EMPTY)) == "○ no keys"


def test_a_loss_has_a_row_of_its_own_beside_the_keys_that_are_left() -> None:
    cells = cells_of(KeyEntry(GATEWAY, None))
    assert (cells[0], cells[12]) == ("✖ 12 lost", "vanished at 03:01:07Z")
    assert is_trouble(KeyEntry(GATEWAY, None))
    assert not is_trouble(KeyEntry(GATEWAY, GATEWAY.keys[0]))


def test_what_needs_a_person_comes_first_and_what_is_not_live_last() -> None:
    order = [one.id for one in listing_of(PICTURE).wanted(Wish())]
    assert order[:2] == ["api-gateway/clients", "business-engine/service-keys/k-84c1f9"]
    assert order[2] == "scraper/scraper-keys"
    assert order[3:5] == ["api-service/keys/k-3fa91c", "api-service/keys/k-71c2aa"]
    assert order[-3:] == [
        "api-service/keys/k-c6120e",
        "api-service/keys/k-f4e37b",
        "legacy/users",
    ]
    assert len(order) == len(set(order)) == 17


def test_trouble_is_what_is_live_and_wrong() -> None:
    troubled = [is_trouble(KeyEntry(API, one)) for one in (OVER, NEAR, SAMPLE, MOVED)]
    assert troubled == [True] * 4
    assert [is_trouble(KeyEntry(API, one)) for one in (PLAIN, BIG, GONE, LATE)] == [False] * 4
    assert not is_trouble(KeyEntry(API, replace(SAMPLE, is_active=False)))


def test_unknown_is_not_zero() -> None:
    cells = cells_of(KeyEntry(API, ODD))
    assert cells[4:10] == ["50,000", "–", "–", "········", "–", "–"]
    assert cells_of(KeyEntry(API, IDLE))[5] == "0"


def test_a_share_of_the_quota_is_told_louder_the_fuller_it_is() -> None:
    tones = [key_cells(KeyEntry(API, one), "", NOW)[8][0].tone for one in (PLAIN, NEAR, OVER)]
    assert tones == [Tone.PLAIN, Tone.DEGRADED, Tone.DOWN]
    assert cells_of(KeyEntry(API, OVER))[8] == "104%"


def test_an_unknown_tier_is_marked() -> None:
    assert cells_of(KeyEntry(API, ODD))[3] == "platinum?"
    assert cells_of(KeyEntry(API, PLAIN))[3] == "pro"


def test_the_first_finding_is_told_with_how_many_more_there_are() -> None:
    assert cells_of(KeyEntry(API, SAMPLE))[12] == "▲ sample key is live: everybody knows it +1"
    assert cells_of(KeyEntry(API, MOVED))[12] == "✖ inactive in api_keys.json"
    assert cells_of(KeyEntry(API, PLAIN))[12] == ""


def test_of_a_key_that_is_off_nothing_is_urgent() -> None:
    said = finding_span(replace(SAMPLE, is_active=False), SAMPLE.findings[0])
    assert said.text.startswith("· ")
    assert said.tone is Tone.DIM


def test_stores_have_the_shortest_names_that_tell_them_apart() -> None:
    two = (replace(API, name="a"), replace(API, name="b"))
    same = (replace(API, system="x"), replace(API, system="y"))
    assert labels_of(two) == {"api-service/a": "a", "api-service/b": "b"}
    assert labels_of(same) == {"x/keys": "x", "y/keys": "y"}
    mixed = (*two, replace(same[0], name="a"))
    assert labels_of(mixed)["x/a"] == "x/a"


def test_every_cell_has_something_to_sort_by() -> None:
    for entry in listing_of(PICTURE).wanted(Wish()):
        assert len(key_sort(entry, "shop")) == len(cells_of(entry)) == COLUMNS


def test_a_filter_finds_ids_masks_tiers_stores_and_findings() -> None:
    said = key_search(KeyEntry(API, SAMPLE))
    for word in ("k-5d1c77", "key_…_123", "dev", "active", "api-service/keys", "sample key"):
        assert word in said


def test_a_stamp_ahead_of_our_clock_says_so() -> None:
    ahead = replace(PLAIN, last_used=NOW.replace(hour=5))
    assert cells_of(KeyEntry(API, ahead))[9] == "+2h"


def test_hostile_names_stay_text() -> None:
    for text in CORPUS:
        key = replace(PLAIN, name=clean(text), tier=clean(text), findings=(clean(text),))
        for cell in key_cells(KeyEntry(API, key), text, NOW):
            assert all(part.text == clean(part.text, 99_999) for part in cell)
