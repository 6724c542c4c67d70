"""What the lean table draws, and how little."""

from dataclasses import dataclass

from core.model.text import clean
from tests.pilot.table_bench import ROWS_SEEN, opened, row, rows_of, whole
from widgets.lean_table import Row
from widgets.present.line import Line, Tone, line, span


@dataclass
class Draws:
    """Rows that are drawn late, and count how often."""

    count: int = 0

    def rows(self, number: int, first: int = 0) -> tuple[Row, ...]:
        return tuple(self._row(f"r{one:05}") for one in range(first, first + number))

    def _row(self, key: str) -> Row:
        def draw() -> tuple[Line, ...]:
            self.count += 1
            return (line(key),)

        return Row(key, sort=(key,), search=clean(key), draw=draw)


class TestWhatIsDrawn:
    async def test_of_ten_thousand_rows_only_those_in_sight_are_made(self) -> None:
        draws = Draws()
        async with opened(draws.rows(10_000)) as bench:
            assert draws.count == ROWS_SEEN
            await bench.press("G")
            assert draws.count == 2 * ROWS_SEEN
            assert "r09999" in bench.cursor_text
            bench.table.sort_column, bench.table.sort_reverse = "name", True
            bench.table.filter_text = "99"
            await bench.pilot.pause()
            assert bench.names[0] == "r09999"
            assert draws.count <= 5 * ROWS_SEEN

    async def test_new_rows_of_equal_content_draw_no_line(self) -> None:
        async with opened(rows_of(1000)) as bench:
            assert await bench.lines_drawn_by(rows_of(1000)) == []

    async def test_one_changed_row_draws_one_line(self) -> None:
        rows = list(rows_of(1000))
        async with opened(rows) as bench:
            rows[3] = row("r00003", "down")
            assert await bench.lines_drawn_by(rows) == [4]
            assert "down" in bench.text[4]

    async def test_a_row_that_is_drawn_late_shows_what_it_draws_now(self) -> None:
        rows = [Row(f"{number}", draw=lambda: (line("old"),)) for number in range(20)]
        async with opened(rows) as bench:
            rows[3] = Row("3", draw=lambda: (line("new"),))
            assert await bench.lines_drawn_by(rows) == [4]
            assert bench.names[3] == "new"

    async def test_a_change_out_of_sight_draws_nothing(self) -> None:
        rows = list(rows_of(1000))
        async with opened(rows) as bench:
            rows[500] = row("r00500", "down")
            assert await bench.lines_drawn_by(rows) == []

    async def test_an_inserted_row_is_made_alone(self) -> None:
        draws = Draws()
        rows = draws.rows(1000)
        async with opened(rows) as bench:
            draws.count = 0
            await bench.show((*rows[:6], *draws.rows(1, first=5000), *rows[6:]))
            assert bench.names[5:8] == ["r00005", "r05000", "r00006"]
            assert draws.count == 1

    async def test_rows_added_out_of_sight_are_not_made(self) -> None:
        draws = Draws()
        rows = draws.rows(1000)
        async with opened(rows) as bench:
            draws.count = 0
            await bench.show((*rows, *draws.rows(1000, first=5000)))
            assert bench.table.counts[0] == 2000
            assert draws.count == 0

    async def test_rows_that_come_and_go_out_of_sight_draw_no_line(self) -> None:
        async with opened(rows_of(1000)) as bench:
            assert await bench.lines_drawn_by(rows_of(1001)) == []
            assert await bench.lines_drawn_by(rows_of(900)) == []
            bar = bench.table.vertical_scrollbar
            assert bench.table.virtual_size.height == bar.window_virtual_size == 901

    async def test_a_row_that_comes_in_sight_draws_its_line_and_those_it_pushes_on(self) -> None:
        rows = rows_of(1000)
        async with opened(rows) as bench:
            assert await bench.lines_drawn_by((*rows[:8], row("new"), *rows[8:])) == [9, 10]
            await bench.show(rows_of(3))
            assert await bench.lines_drawn_by(rows_of(4)) == [4], "without a scrollbar too"

    async def test_the_end_stays_in_sight_when_rows_go_there(self) -> None:
        async with opened(rows_of(1000)) as bench:
            await bench.press("G")
            await bench.show(rows_of(500))
            assert bench.names[-1] == "r00499"
            assert bench.table.scroll_offset.y == bench.table.max_scroll_y == 490

    async def test_a_scrollbar_appears_and_goes_with_the_rows(self) -> None:
        async with opened(rows_of(ROWS_SEEN)) as bench:
            for count, is_shown in ((11, True), (300, True), (10, False), (2, False), (11, True)):
                await bench.show(rows_of(count))
                assert bench.table.show_vertical_scrollbar is is_shown, count
                assert whole(bench.table.render_line(1), bench.room)
                assert len(bench.names) == min(count, ROWS_SEEN)

    async def test_a_cursor_that_moves_draws_the_line_it_leaves_and_the_line_it_enters(
        self,
    ) -> None:
        async with opened(rows_of(1000)) as bench:
            bench.table.drawn.clear()
            await bench.press("j")
            assert sorted(set(bench.table.drawn)) == [1, 2]

    async def test_another_theme_and_another_style_leave_no_line_in_old_colours(self) -> None:
        async with opened([row(one.key) for one in rows_of(30)]) as bench:
            table = bench.table
            await bench.show([Row("a", (line(span("red", Tone.DOWN)),)), row("b"), row("c")])
            was = [table.render_line(y) for y in (1, 2)]
            bench.app.theme = "light"
            await bench.pilot.pause()
            light = [table.render_line(y) for y in (1, 2)]
            assert all(list(old) != list(new) for old, new in zip(was, light, strict=True))
            table.add_class("warm")
            await bench.pilot.pause()
            assert list(table.render_line(2)) != list(light[1])
