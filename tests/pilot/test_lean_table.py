"""The lean table under a person's hands: keys, mouse, rows that come and go."""

from dataclasses import replace

import pytest
from textual import events

from tests.hostile import CORPUS
from tests.pilot.table_bench import (
    COLUMNS,
    HEIGHT,
    ROWS_SEEN,
    WIDE,
    WIDTH,
    CountingTable,
    opened,
    row,
    rows_of,
    whole,
    without,
)
from widgets.lean_table import Column, Row
from widgets.present.line import line, span


class TestKeys:
    @pytest.mark.parametrize(
        ("keys", "place"),
        [
            ("j", 1), ("j j j k", 2), ("down down up", 1), ("k", 0), ("up", 0),
            ("G", 99), ("end", 99), ("G j", 99), ("G k", 98), ("G g", 0), ("end home", 0),
            ("pagedown", 9), ("pagedown pagedown", 18), ("pagedown pageup", 0),
            ("end pagedown", 99), ("pageup", 0), ("end pageup", 90),
        ],
    )  # fmt: skip
    async def test_keys_move_the_cursor_and_keep_it_in_sight(self, keys: str, place: int) -> None:
        async with opened(rows_of(100)) as bench:
            await bench.press(*keys.split())
            assert bench.table.cursor_key == f"r{place:05}"
            assert f"r{place:05}" in bench.cursor_text

    async def test_columns_slide_under_the_frozen_one_and_back(self) -> None:
        async with opened((row("first", note="0123456789"),)) as bench:
            await bench.press("l")
            assert [text[1:9].strip() for text in bench.text[:2]] == ["NAME", "first"]
            assert bench.text[0][10:].split() == ["COUNT", "NOTE", "›"]
            await bench.press(*["l"] * 9)
            assert bench.text[1].endswith("0123456789")
            assert bench.names == ["first"]
            furthest = bench.table.scroll_offset.x
            assert furthest == bench.table.max_scroll_x
            await bench.press("right", "h")
            assert bench.table.scroll_offset.x == furthest - 8
            await bench.press(*["left"] * 9)
            assert bench.text[0].split() == ["NAME", "STATE", "COUNT", "NOTE", "›"]

    async def test_the_order_goes_from_column_to_column_and_back_to_how_the_rows_came(self) -> None:
        came = (row("b", count=2), row("c", count=None), row("a", count=10))
        async with opened(came) as bench:
            orders: list[list[str]] = []
            for key in ("greater_than_sign", "greater_than_sign", "greater_than_sign", "o"):
                await bench.press(key)
                orders.append(bench.names)
            assert orders == [["a", "b", "c"], ["b", "c", "a"], ["b", "a", "c"], ["a", "b", "c"]]
            assert "COUN▼" in bench.text[0] or "COUNT▼" in bench.text[0]
            await bench.press(*["less_than_sign"] * 3)
            assert bench.table.sort_column == ""
            assert bench.names == ["b", "c", "a"]
            assert bench.table.cursor_key == "b"


class TestColumnsOutOfSight:
    async def test_the_heading_shows_on_which_sides_there_are_more(self) -> None:
        async with opened((row("first"),)) as bench:
            table = bench.table
            assert (bench.text[0][0], bench.text[0][-1]) == (" ", "›")
            table.scroll_to(x=3, animate=False)
            await bench.pilot.pause()
            assert (bench.text[0][0], bench.text[0][-1]) == ("‹", "›")
            table.scroll_to(x=table.max_scroll_x, animate=False)
            await bench.pilot.pause()
            assert bench.text[0][0] == "‹"
            assert "›" not in bench.text[0]
            assert whole(table.render_line(0), WIDTH)

    async def test_nothing_is_shown_where_all_columns_have_room(self) -> None:
        async with opened((row("first"),), size=(60, HEIGHT)) as bench:
            assert not {"‹", "›"} & set("".join(bench.text))

    async def test_a_text_that_is_cut_at_the_edge_shows_it(self) -> None:
        async with opened((row("first", note="0123456789abcdef"), row("b", note=""))) as bench:
            assert bench.text[1].endswith("0123456789a…")
            assert "…" not in bench.text[2]
            assert whole(bench.table.render_line(1), WIDTH)


class TestMouse:
    async def test_a_click_moves_the_cursor_and_opens_nothing(self) -> None:
        async with opened(rows_of(50)) as bench:
            await bench.press("G")
            bench.app.heard.clear()
            await bench.pilot.click(CountingTable, offset=(5, 3))
            await bench.pilot.pause()
            assert bench.table.cursor_key == "r00042"
            assert bench.app.heard == [("Highlighted", "r00042")]

    @pytest.mark.parametrize("spot", [(5, 0), (5, 9)])
    async def test_a_click_on_the_heading_or_below_the_rows_does_nothing(
        self, spot: tuple[int, int]
    ) -> None:
        async with opened(rows_of(3)) as bench:
            bench.app.heard.clear()
            await bench.pilot.click(CountingTable, offset=spot)
            await bench.pilot.pause()
            assert bench.table.cursor_key == "r00000"
            assert bench.app.heard == []

    async def test_the_wheel_scrolls_and_leaves_the_cursor_where_it_is(self) -> None:
        async with opened(rows_of(50)) as bench:
            wheel = events.MouseScrollDown(bench.table, 5, 5, 0, 1, 0, False, False, False)
            bench.table.post_message(wheel)
            await bench.pilot.pause()
            await bench.pilot.pause()
            assert bench.table.scroll_offset.y > 0
            assert bench.table.cursor_key == "r00000"
            await bench.press("j")
            assert "r00001" in bench.cursor_text


class TestTheCursorIsOnAnObject:
    async def test_it_follows_its_row_when_others_are_inserted_above(self) -> None:
        rows = rows_of(5)
        async with opened(rows) as bench:
            await bench.press("j", "j")
            await bench.show((row("new-1"), row("new-2"), *rows))
            assert bench.table.cursor_key == "r00002"
            assert bench.cursor_text.startswith("▌r00002")
            assert bench.text.index(bench.cursor_text) == 5

    async def test_it_follows_its_row_out_of_sight_and_the_table_scrolls_along(self) -> None:
        rows = rows_of(5)
        async with opened(rows) as bench:
            await bench.show((*rows_of(200, first=1000), *rows))
            assert bench.cursor_text.startswith("▌r00000")

    async def test_a_row_that_was_out_of_sight_does_not_pull_the_table(self) -> None:
        rows = rows_of(100)
        async with opened(rows) as bench:
            bench.table.scroll_to(y=50, animate=False)
            await bench.pilot.pause()
            await bench.show((row("new"), *rows))
            assert bench.table.scroll_offset.y == 50
            assert bench.table.cursor_key == "r00000"

    async def test_it_follows_its_row_through_another_order(self) -> None:
        async with opened(rows_of(100)) as bench:
            await bench.press("j", "j")
            bench.table.sort_column, bench.table.sort_reverse = "count", True
            await bench.pilot.pause()
            assert bench.table.cursor_key == "r00002"
            assert bench.cursor_text.startswith("▌r00002")

    async def test_it_goes_to_the_next_row_when_its_own_vanishes(self) -> None:
        rows = rows_of(5)
        async with opened(rows) as bench:
            await bench.press("j", "j")
            await bench.show(without(rows, "r00002", "r00003"))
            assert bench.table.cursor_key == "r00004"
            await bench.show(without(rows, "r00002", "r00003", "r00004"))
            assert bench.table.cursor_key == "r00001"

    async def test_it_stays_on_a_neighbour_when_its_old_row_comes_back(self) -> None:
        rows = rows_of(5)
        async with opened(rows) as bench:
            await bench.press("j")
            await bench.show(without(rows, "r00001"))
            await bench.show(rows)
            assert bench.table.cursor_key == "r00002"

    async def test_a_filter_that_hides_its_row_moves_it_too(self) -> None:
        async with opened((row("api"), row("web"), row("db", "down"))) as bench:
            await bench.press("j")
            bench.table.faults_only = True
            await bench.pilot.pause()
            assert bench.names == ["db"]
            assert bench.table.cursor_key == "db"

    async def test_nothing_is_under_it_when_all_rows_are_gone(self) -> None:
        async with opened(rows_of(3)) as bench:
            await bench.show(())
            assert bench.table.cursor_key == ""
            await bench.show(rows_of(3))
            assert bench.table.cursor_key == "r00000"

    async def test_many_rows_gone_at_once_leave_no_blank_table(self) -> None:
        rows = rows_of(100)
        async with opened(rows) as bench:
            await bench.press("G")
            await bench.show(rows[:5])
            assert bench.names == [one.key for one in rows[:5]]
            assert bench.cursor_text.startswith("▌r00004")


class TestMarks:
    async def test_a_mark_shows_and_the_cursor_goes_on(self) -> None:
        async with opened(rows_of(3)) as bench:
            await bench.press("space", "space")
            assert [text[0] for text in bench.text[1:4]] == ["*", "*", "▌"]
            assert bench.table.counts == (3, 3, 2, 0)
            await bench.press("k", "space")
            assert bench.table.marked == {"r00000"}

    async def test_marks_survive_new_values_another_order_and_a_filter(self) -> None:
        rows = rows_of(4)
        async with opened(rows) as bench:
            await bench.press("space", "j", "space")
            await bench.show([replace(one, cells=row(one.key, "new").cells) for one in rows])
            bench.table.sort_column, bench.table.sort_reverse = "name", True
            await bench.pilot.pause()
            marked = [text[1:7] for text in bench.text if text.startswith("*")]
            assert marked == ["r00002", "r00000"]
            bench.table.filter_text = "r00000"
            assert bench.table.counts == (1, 4, 2, 1)

    async def test_a_row_that_is_gone_takes_its_mark_along(self) -> None:
        rows = rows_of(3)
        async with opened(rows) as bench:
            await bench.press("space", "space")
            bench.app.heard.clear()
            await bench.show(without(rows, "r00000"))
            assert bench.table.marked == {"r00001"}
            assert bench.app.heard == [("MarksChanged", "r00001")]
            await bench.show(rows)
            assert bench.table.marked == {"r00001"}


class TestMessages:
    async def test_each_place_of_the_cursor_is_told_once_and_enter_opens_it(self) -> None:
        async with opened(rows_of(3)) as bench:
            await bench.press("j", "j", "j", "enter")
            assert bench.app.heard == [
                ("Highlighted", "r00000"),
                ("Highlighted", "r00001"),
                ("Highlighted", "r00002"),
                ("Selected", "r00002"),
            ]

    async def test_new_values_and_another_order_tell_nothing(self) -> None:
        async with opened(rows_of(3)) as bench:
            bench.app.heard.clear()
            await bench.show([row(one.key, "new") for one in rows_of(3)])
            await bench.press("greater_than_sign", "o")
            assert bench.app.heard == []

    async def test_a_cursor_without_a_row_is_told_and_opens_nothing(self) -> None:
        async with opened(rows_of(1)) as bench:
            await bench.show(())
            await bench.press("enter", "space", "j", "G")
            assert bench.app.heard == [("Highlighted", "r00000"), ("Highlighted", "")]


class TestFewRows:
    async def test_an_empty_table_says_why_and_takes_every_key(self) -> None:
        async with opened(()) as bench:
            bench.table.empty_text = (span("nothing here yet"),)
            await bench.press(*"jkgGhlo", "pagedown", "pageup", "space", "enter", "less_than_sign")
            assert bench.text[1].strip() == "nothing here yet"
            assert bench.app.heard == []

    async def test_a_table_whose_rows_are_all_hidden_says_so(self) -> None:
        async with opened(rows_of(3)) as bench:
            bench.table.filter_text = "nowhere"
            await bench.pilot.pause()
            assert bench.text[1].strip() == "none of 3 rows match"
            bench.table.filter_text = ""
            await bench.pilot.pause()
            assert len(bench.names) == 3
            assert bench.cursor_text

    async def test_a_single_row_is_first_and_last(self) -> None:
        async with opened(rows_of(1)) as bench:
            await bench.press("j", "G", "pagedown", "k", "space")
            assert bench.table.cursor_key == "r00000"
            assert bench.names == ["r00000"]

    async def test_a_row_with_too_few_cells_is_padded(self) -> None:
        async with opened((Row("short", (line("short"),)),)) as bench:
            assert bench.text[1] == "▌short"


class TestRoom:
    async def test_the_cursor_stays_in_sight_when_the_terminal_shrinks(self) -> None:
        async with opened(rows_of(100), size=(60, 30)) as bench:
            await bench.press(*["j"] * 25)
            await bench.pilot.resize_terminal(40, 8)
            await bench.pilot.pause()
            assert "r00025" in bench.cursor_text

    async def test_columns_go_by_priority_and_come_back(self) -> None:
        async with opened(rows_of(3), size=(60, 8)) as bench:
            bench.table.columns = (*COLUMNS[:3], replace(COLUMNS[3], priority=1, weight=1))
            await bench.pilot.pause()
            for width, is_shown in ((60, True), (30, False), (60, True)):
                await bench.pilot.resize_terminal(width, 8)
                await bench.pilot.pause()
                assert ("NOTE" in bench.text[0]) is is_shown

    async def test_a_table_that_was_slid_stands_straight_where_all_columns_fit(self) -> None:
        async with opened(rows_of(3)) as bench:
            await bench.press("l", "l")
            await bench.pilot.resize_terminal(100, 8)
            await bench.pilot.pause()
            assert bench.text[0].split() == ["NAME", "STATE", "COUNT", "NOTE"]

    @pytest.mark.parametrize("size", [(1, 1), (2, 2), (9, 3), (10, 1)])
    async def test_hardly_any_room_is_no_reason_to_fall_over(self, size: tuple[int, int]) -> None:
        async with opened(rows_of(20), size=size) as bench:
            await bench.press("j", "G", "l", "pageup", "space")
            width = bench.room
            lines = range(bench.table.size.height)
            assert all(whole(bench.table.render_line(y), width) for y in lines)

    async def test_no_figure_loses_its_last_digit_under_the_scrollbar(self) -> None:
        async with opened((), size=(21, 6)) as bench:
            bench.table.columns = (Column("name", "NAME", 8, weight=1), COLUMNS[2])
            for count, width in ((3, 21), (100, 20), (3, 21)):
                await bench.show([row(one.key, "100") for one in rows_of(count)])
                await bench.pilot.pause()
                cells = bench.text[1][:width]
                assert cells.split() == ["▌r00000", "100"], count
                assert len(cells) == width
                assert bench.table.max_scroll_x == 0


class TestTextOfAnyKind:
    @pytest.mark.parametrize("text", WIDE)
    async def test_a_line_is_as_wide_as_its_room_wherever_wide_characters_are_cut(
        self, text: str
    ) -> None:
        async with opened((row(text, text, 1, text), row("plain"))) as bench:
            for width in (WIDTH, WIDTH - 1, 17, 11):
                await bench.pilot.resize_terminal(width, HEIGHT)
                for x in range(12):
                    bench.table.scroll_to(x=x, animate=False)
                    await bench.pilot.pause()
                    assert whole(bench.table.render_line(1), width), (width, x)

    async def test_hostile_text_is_drawn_as_text(self) -> None:
        async with opened([row(f"{number}", text) for number, text in enumerate(CORPUS)]) as bench:
            bench.table.columns = (Column("state", "STATE", 90), Column("name", "NAME", 4))
            for place in range(0, len(CORPUS), ROWS_SEEN):
                bench.table.scroll_to(y=place, animate=False)
                await bench.pilot.pause()
                for y in range(1, HEIGHT):
                    strip = bench.table.render_line(y)
                    assert whole(strip, bench.room)
                    assert strip.text.isprintable()
                    assert not any(one.control or (one.style and one.style.meta) for one in strip)
            await bench.press("G", "enter")
            assert bench.app.heard[-1] == ("Selected", f"{len(CORPUS) - 1}")
