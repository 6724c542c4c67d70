"""Saved queries as rows and in full, and menus with their reasons."""

from core.model.log import LogLevel
from core.model.log_view import SavedLogQuery
from core.model.topology import LogQuerySpec
from tests.hostile import CORPUS
from tests.unit.widgets.present.log_values import row, seam, text_of
from widgets.present.log_menu import MenuItem, row_items, source_items, value_items
from widgets.present.log_saved import (
    ordered,
    over_text,
    reason_against,
    saved_cells,
    saved_lines,
    search_text,
)

SLOW = SavedLogQuery(
    "shop",
    LogQuerySpec(
        *("slow", "Slow requests", "app", "took_ms>{least} user={user}", "path", "took_ms"),
        window_s=5400.0,
        last=50,
        note="by record time",
    ),
    "shop/api/app",
)
PRIVATE = SavedLogQuery("bank", LogQuerySpec("pii", "Personal data", "app", is_personal_data=True),
                        "bank/ledger/app")  # fmt: skip


def test_a_question_says_over_what_and_what_comes_of_it() -> None:
    told = "last 1 h 30 m, last 50, by path, % of took_ms, least?, user?"
    assert over_text(SLOW) == told
    cells = [text_of(cell) for cell in saved_cells(SLOW)]
    assert cells == ["Slow requests", "shop", "api/app", told]


def test_in_full_it_shows_its_filter_its_name_and_its_note() -> None:
    asked, called, note = (text_of(line) for line in saved_lines(SLOW, 80))
    assert asked == "& took_ms>{least} user={user}"
    assert called == "quarterdeck logs --query shop/slow"
    assert note == "by record time"


def test_what_is_not_asked_on_a_screen_says_where_it_is() -> None:
    assert reason_against(SLOW) == ""
    assert "quarterdeck logs --query bank/pii" in reason_against(PRIVATE)
    assert "--query bank/pii" in "".join(map(text_of, saved_lines(PRIVATE, 80)))


def test_questions_to_the_systems_in_sight_come_first_else_the_order_stays() -> None:
    assert ordered((SLOW, PRIVATE), ("bank/ledger/app",)) == (PRIVATE, SLOW)
    assert ordered((SLOW, PRIVATE), ()) == (SLOW, PRIVATE)


def test_it_is_found_by_all_that_it_says() -> None:
    assert all(part in search_text(SLOW) for part in ("Slow", "shop/slow", "took_ms>", "path"))


def named(items: tuple[MenuItem, ...]) -> dict[str, MenuItem]:
    keys = [item.keys for item in items]
    assert len(set(keys)) == len(keys)
    return {item.name: item for item in items}


def test_a_text_is_not_measured_and_an_empty_value_not_searched() -> None:
    text, number, empty = (named(value_items("took", one)) for one in ("slow", "1.5", ""))
    assert text["measure"].reason_against == "the value is not a number"
    assert number["measure"].reason_against == ""
    assert empty["around"].reason_against == "there is no value"
    assert all(not text[name].reason_against for name in ("only", "without", "count", "copy"))


def test_a_row_is_done_with_what_it_has() -> None:
    one = row("boom", level=LogLevel.ERROR, fields={"request_id": "r-7"})
    items = named(row_items(one, hides_rows=True, is_alone=False))
    assert not any(item.reason_against for item in items.values())
    bare = named(row_items(row("x", level=None), hides_rows=False, is_alone=True))
    reasons = {name: item.reason_against for name, item in bare.items() if item.reason_against}
    assert set(reasons) == {"level", "log", "other-logs", "same", "around"}


def test_a_line_of_the_console_is_no_record() -> None:
    items = named(row_items(seam(), hides_rows=True, is_alone=False))
    assert all(items[name].reason_against for name in ("record", "level", "same", "copy"))
    assert not items["log"].reason_against


def test_a_log_of_the_list_is_shown_too_or_no_more() -> None:
    assert named(source_items("a/b/c", ()))["choose"].text == "Show it too"
    shown = named(source_items("a/b/c", ("a/b/c",)))
    assert shown["choose"].text == "Show it no more"
    assert shown["alone"].reason_against


def test_nothing_hostile_gets_into_a_menu_or_a_list() -> None:
    for payload in CORPUS:
        items = value_items(payload[:20], payload)
        saved = SavedLogQuery("shop", LogQuerySpec("q", payload, "app", payload), "shop/api/app")
        lines = (*saved_cells(saved), *saved_lines(saved, 80))
        assert all(char.isprintable() for char in "".join(map(text_of, lines)))
        assert items
