"""The line view under a person's hands: keys, wheel, lines that come and go, and what it draws."""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import pytest
from rich.cells import cell_len
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.pilot import Pilot
from textual.strip import Strip

from tests.hostile import CORPUS
from tui.themes import THEMES
from widgets.line_view import LineView
from widgets.present.line import BLANK, Line, Tone, line, span

WIDTH, HEIGHT = 30, 10
WIDE = ("漢字" * 12, "a" + "漢字" * 12, "👩" * 20, "é" * 40, "e\u0301" * 40, "ab" * 30)


@dataclass
class Ring:
    """Lines that somebody else holds, and counts how often one is asked for."""

    lines: list[Line] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    @property
    def line_count(self) -> int:
        return len(self.lines)

    def line(self, index: int) -> Line:
        self.asked.append(index)
        return self.lines[index] if 0 <= index < len(self.lines) else BLANK


class CountingView(LineView):
    """Remembers which lines it was asked to draw."""

    def on_mount(self) -> None:
        self.drawn: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return super().render_line(y)


class ViewApp(App[None]):
    """One view."""

    CSS = "CountingView.warm { background: #400000; }"

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "dark"
        self.animation_level = "none"  # as in the console

    def compose(self) -> ComposeResult:
        view = CountingView()
        self.prepare(view)
        yield view

    def prepare(self, view: CountingView) -> None:
        """Give a view what it has before it is on the screen: nothing, unless a test does."""


@dataclass
class Bench:
    """A view in an application that runs."""

    app: ViewApp
    view: CountingView
    pilot: Pilot[None]

    async def settle(self) -> None:
        """Let what was put off until after a refresh happen, and what follows from that."""
        for _ in range(3):
            await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def show(self, lines: Sequence[Line] | Ring) -> None:
        if isinstance(lines, Ring):
            self.view.show_source(lines)
        else:
            self.view.lines = tuple(lines)
        await self.settle()

    async def lines_drawn_by(self, lines: Sequence[Line]) -> list[int]:
        """Return which lines were drawn because of new content."""
        self.view.drawn.clear()
        await self.show(lines)
        return sorted(set(self.view.drawn))

    async def wheel(self, kind: type[events.MouseEvent]) -> None:
        self.view.post_message(kind(self.view, 5, 5, 0, 1, 0, False, False, False))
        await self.settle()

    @property
    def text(self) -> list[str]:
        """What stands on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        width = self.view.room
        return ["".join(one.text for one in strip)[:width].rstrip() for strip in strips]

    @property
    def first(self) -> str:
        """The first line in sight."""
        return self.text[0]

    @property
    def last(self) -> str:
        """The last line in sight."""
        return self.text[-1]


@contextlib.asynccontextmanager
async def opened(
    lines: Sequence[Line] | Ring = (), *, follows: bool = False
) -> AsyncGenerator[Bench]:
    app = ViewApp()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        view = app.query_one(CountingView)
        view.focus()
        view.follows = follows
        bench = Bench(app, view, pilot)
        await bench.show(lines)
        yield bench


def lines_of(count: int, first: int = 0) -> list[Line]:
    return [line(f"line-{number}") for number in range(first, first + count)]


def whole(strip: Strip, width: int) -> bool:
    """Tell whether a strip takes the cells that it says, and those of its room."""
    return cell_len(strip.text) == strip.cell_length == width


class TestKeys:
    @pytest.mark.parametrize(
        ("keys", "first"),
        [
            ("j", 1), ("j j k", 1), ("down down up", 1), ("k", 0), ("G", 90), ("G j", 90),
            ("G k", 89), ("G g", 0), ("end", 90), ("end home", 0), ("pagedown", 10),
            ("pagedown pagedown pageup", 10), ("pageup", 0), ("end pagedown", 90),
        ],
    )  # fmt: skip
    async def test_keys_scroll(self, keys: str, first: int) -> None:
        async with opened(lines_of(100)) as bench:
            await bench.press(*keys.split())
            assert bench.first == f"line-{first}"
            assert bench.last == f"line-{first + HEIGHT - 1}"

    async def test_the_wheel_scrolls(self) -> None:
        async with opened(lines_of(100)) as bench:
            await bench.wheel(events.MouseScrollDown)
            scrolled = bench.view.scroll_offset.y
            assert scrolled > 0
            assert bench.first == f"line-{scrolled}"
            await bench.wheel(events.MouseScrollUp)
            assert bench.first == "line-0"

    async def test_a_view_of_nothing_takes_every_key(self) -> None:
        async with opened() as bench:
            await bench.press("j", "k", "g", "G", "pagedown", "pageup", "home", "end", "left")
            assert bench.text == [""] * HEIGHT
            assert bench.view.scroll_offset.y == 0

    async def test_what_fits_does_not_scroll(self) -> None:
        async with opened(lines_of(HEIGHT)) as bench:
            await bench.press("j", "G", "pagedown")
            assert bench.first == "line-0"


@pytest.mark.parametrize("is_source", [False, True], ids=["lines", "source"])
class TestFollowing:
    """The same for lines that are given and for lines that somebody else holds."""

    @pytest.fixture(name="show")
    def fixture_show(self, is_source: bool):
        ring = Ring()

        async def show(bench: Bench, lines: list[Line]) -> None:
            ring.lines[:] = lines
            await bench.show(ring if is_source else lines)

        return show

    async def test_the_end_stays_in_sight_from_the_first_line_on(self, show) -> None:
        async with opened(follows=True) as bench:
            for count in (*range(1, 2 * HEIGHT), 100, 101, 5000):
                await show(bench, lines_of(count))
                assert f"line-{count - 1}" in bench.text, count
            assert not bench.view.is_held

    async def test_a_view_that_does_not_follow_stays_where_it_is(self, show) -> None:
        async with opened() as bench:
            await show(bench, lines_of(100))
            await bench.press("j")
            await show(bench, lines_of(200))
            assert bench.first == "line-1"
            await bench.press("G")
            await show(bench, lines_of(300))
            assert bench.last == "line-199"
            assert not bench.view.is_held

    async def test_scrolling_up_stops_it(self, show) -> None:
        async with opened(follows=True) as bench:
            await show(bench, lines_of(100))
            await bench.press("k")
            assert bench.view.is_held
            await show(bench, lines_of(200))
            assert bench.first == "line-89"

    async def test_the_wheel_stops_it_too(self, show) -> None:
        async with opened(follows=True) as bench:
            await show(bench, lines_of(100))
            await bench.wheel(events.MouseScrollUp)
            before = bench.first
            await show(bench, lines_of(200))
            assert bench.first == before

    @pytest.mark.parametrize("keys", [("G",), ("end",), ("j",), ("down",), ("pagedown",)])
    async def test_reaching_the_end_resumes_it(self, show, keys: tuple[str, ...]) -> None:
        async with opened(follows=True) as bench:
            await show(bench, lines_of(100))
            await bench.press("k")
            assert bench.view.is_held
            await bench.press(*keys)
            assert not bench.view.is_held
            await show(bench, lines_of(200))
            assert bench.last == "line-199"

    async def test_coming_nearer_to_the_end_does_not_resume_it(self, show) -> None:
        async with opened(follows=True) as bench:
            await show(bench, lines_of(100))
            await bench.press("k", "k", "k", "j")
            assert bench.view.is_held
            await show(bench, lines_of(200))
            assert bench.first == "line-88"

    async def test_lines_that_become_fewer_do_not_stop_it(self, show) -> None:
        async with opened(follows=True) as bench:
            for count in (100, 40, 3, 0, 60):
                await show(bench, lines_of(count))
                assert not count or bench.text[min(count, HEIGHT) - 1] == f"line-{count - 1}"
                assert not bench.view.is_held, count
            assert bench.last == "line-59"

    async def test_a_smaller_and_a_larger_terminal_do_not_stop_it(self, show) -> None:
        async with opened(follows=True) as bench:
            await show(bench, lines_of(100))
            for height in (5, 20, 200, 8):
                await bench.pilot.resize_terminal(WIDTH, height)
                await bench.settle()
                assert not bench.view.is_held, height
                assert "line-99" in bench.text, height

    async def test_it_starts_at_once_when_it_is_switched_on(self, show) -> None:
        async with opened() as bench:
            await show(bench, lines_of(100))
            bench.view.follows = True
            await bench.settle()
            assert bench.last == "line-99"

    async def test_it_starts_at_once_when_it_is_switched_on_again(self, show) -> None:
        async with opened(follows=True) as bench:
            await show(bench, lines_of(100))
            await bench.press("g")
            bench.view.follows = False
            assert not bench.view.is_held
            bench.view.follows = True
            await bench.settle()
            assert bench.last == "line-99"

    async def test_fewer_lines_leave_no_view_of_nothing(self, show) -> None:
        async with opened() as bench:
            await show(bench, lines_of(100))
            await bench.press("pagedown", "pagedown")
            await show(bench, lines_of(12))
            assert bench.text == [f"line-{number}" for number in range(2, 12)]
            await show(bench, lines_of(2))
            assert bench.text == ["line-0", "line-1", *[""] * 8]


async def test_what_is_given_before_the_view_is_on_the_screen_is_shown_when_it_is() -> None:
    class Prepared(ViewApp):
        def prepare(self, view: CountingView) -> None:
            view.follows = True
            view.lines = tuple(lines_of(50))
            view.show_source(Ring(lines_of(100)))

    app = Prepared()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        bench = Bench(app, app.query_one(CountingView), pilot)
        await bench.settle()
        assert bench.last == "line-99"


class TestText:
    @pytest.mark.parametrize("text", WIDE)
    async def test_a_line_that_is_too_wide_is_cut_and_says_so(self, text: str) -> None:
        async with opened([line(text)]) as bench:
            for width in (WIDTH, WIDTH - 1, 7, 2, 1):
                await bench.pilot.resize_terminal(width, HEIGHT)
                await bench.settle()
                strip = bench.view.render_line(0)
                assert whole(strip, width), width
                assert strip.text.endswith("…")

    async def test_what_was_cut_is_said_beside_the_scrollbar_and_not_under_it(self) -> None:
        async with opened([line("x" * WIDTH)] * HEIGHT) as bench:
            assert bench.text[0] == "x" * WIDTH
            await bench.show([line("x" * WIDTH)] * 100)
            assert bench.text[0] == "x" * (WIDTH - 2) + "…"

    async def test_hostile_text_is_drawn_as_text(self) -> None:
        async with opened([line(text) for text in CORPUS if text]) as bench:
            for top in range(0, len(CORPUS), HEIGHT):
                bench.view.scroll_to(y=top, animate=False)
                await bench.settle()
                for y in range(HEIGHT):
                    strip = bench.view.render_line(y)
                    assert whole(strip, bench.view.room)
                    assert strip.text.isprintable()
                    assert not any(one.control or (one.style and one.style.meta) for one in strip)


class TestWhatIsDrawn:
    async def test_of_a_million_lines_only_those_in_sight_are_asked_for(self) -> None:
        million = Million()
        async with opened() as bench:
            bench.view.show_source(million)
            await bench.settle()
            assert max(million.asked) == HEIGHT - 1
            million.asked.clear()
            await bench.press("G")
            assert bench.last == "line-999999"
            assert set(million.asked) <= {*range(HEIGHT), *range(1_000_000 - HEIGHT, 1_000_000)}

    async def test_equal_lines_draw_nothing(self) -> None:
        async with opened(lines_of(100)) as bench:
            assert await bench.lines_drawn_by(lines_of(100)) == []

    async def test_one_changed_line_draws_one_line(self) -> None:
        lines = lines_of(100)
        async with opened(lines) as bench:
            await bench.press("j", "j")
            lines[5] = line("changed")
            assert await bench.lines_drawn_by(lines) == [3]
            assert bench.text[3] == "changed"

    async def test_a_change_out_of_sight_draws_nothing(self) -> None:
        lines = lines_of(100)
        async with opened(lines) as bench:
            lines[50] = line("changed")
            assert await bench.lines_drawn_by(lines) == []

    async def test_strips_are_kept_while_lines_stay_the_same(self) -> None:
        async with opened(lines_of(100)) as bench:
            before = bench.view.render_line(3)
            await bench.press("j")
            assert bench.view.render_line(2) is before

    async def test_another_theme_and_another_style_leave_no_line_in_old_colours(self) -> None:
        async with opened([line(span("red", Tone.DOWN)), line("plain")]) as bench:
            view = bench.view
            dark = [list(view.render_line(y)) for y in (0, 1)]
            bench.app.theme = "light"
            await bench.settle()
            light = [list(view.render_line(y)) for y in (0, 1)]
            assert all(old != new for old, new in zip(dark, light, strict=True))
            view.add_class("warm")
            await bench.settle()
            assert list(view.render_line(1)) != light[1]

    async def test_a_resize_draws_lines_in_their_new_room(self) -> None:
        async with opened(lines_of(100)) as bench:
            await bench.pilot.resize_terminal(20, 4)
            await bench.settle()
            assert bench.text == [f"line-{number}" for number in range(4)]
            assert bench.view.virtual_size == Size(19, 100)


@dataclass
class Million:
    """More lines than anybody holds."""

    asked: list[int] = field(default_factory=list)
    line_count: int = 1_000_000

    def line(self, index: int) -> Line:
        self.asked.append(index)
        return line(f"line-{index}")
