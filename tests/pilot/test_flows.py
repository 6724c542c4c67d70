"""What a person does with keys, and what comes of it."""

from datetime import timedelta

import pytest
from textual.events import Key
from textual.keys import key_to_character
from textual.pilot import Pilot

from core.model.verdict import Verdict
from screens.command import CommandScreen
from screens.help import HelpScreen
from screens.services import ServicesScreen
from screens.waiting import WaitingScreen
from tests.fakes.clock import FakeClock
from tests.fakes.scripted import (
    ScriptedConsole,
    calm_events,
    screen_text,
    troubled_events,
    until,
)
from tests.fakes.world import observed, service, system, topology
from tests.hostile import CORPUS, MARKUP
from tui.places import PLACES
from widgets.filter_bar import FilterBar
from widgets.overview_systems_pane import OverviewSystemsPane
from widgets.present.systems import Spot
from widgets.services_table_pane import ServicesTablePane

SIZE = (120, 40)


def key_event(name: str) -> Key:
    return Key(name, key_to_character(name))


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


def toasts(app: ScriptedConsole) -> str:
    return " ".join(one.message for one in app._notifications)


async def test_the_first_screen_lists_all_systems_as_loading_before_anything_was_looked_at() -> (
    None
):
    app = ScriptedConsole()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "shop" in text
        assert "bank" in text
        assert "… 2 loading" in text
        assert app.runtime.starts == 1


async def test_what_the_runtime_sees_is_on_the_screen() -> None:
    app = ScriptedConsole()
    async with app.run_test(size=SIZE) as pilot:
        app.runtime.publish(*troubled_events())
        await until(pilot, lambda: "✖ 1 down" in screen_text(app))
        assert "connection refused" in screen_text(app)


async def test_every_digit_leads_to_its_screen() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        for place in PLACES:
            # From the first screen: on Logs the digits are windows of time.
            app.action_go(PLACES[0].name)
            await press(pilot, place.digit)
            assert app.front.title == place.title
            assert place.title in screen_text(app).splitlines()[0]


async def test_a_screen_is_made_when_it_is_first_shown_and_kept() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2")
        first = app.front
        await press(pilot, "1", "2")
        assert app.front is first


async def test_only_the_screen_in_front_gets_pictures() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        overview = app.front
        await press(pilot, "2")
        before = overview.picture
        app.runtime.publish(observed("api", Verdict.DOWN, "gone", seconds=1))
        await until(pilot, lambda: "gone" in screen_text(app))
        assert overview.picture is before
        await press(pilot, "1")
        await until(pilot, lambda: overview.picture is not before)


async def test_a_screen_not_built_yet_says_so_and_what_serves_meanwhile() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "7")
        assert isinstance(app.front, WaitingScreen)
        text = screen_text(app)
        assert "not built in this version" in text
        assert "quarterdeck check" in text


async def test_going_back_never_quits_and_quitting_is_said_twice() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "9", "escape")
        assert app.front.title == "Services"
        await press(pilot, "escape", "escape", "escape")
        assert app.front.title == "Overview"
        assert app.is_running
        await press(pilot, "q")
        assert "press q again" in toasts(app)
        await press(pilot, "q")
    assert app.return_code == 0


async def test_a_second_press_that_comes_late_asks_again() -> None:
    clock = FakeClock()
    app = ScriptedConsole(events=calm_events(), clock=clock)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "ctrl+c")
        await clock.advance(5)
        await press(pilot, "ctrl+c")
        assert app.is_running


async def test_minus_goes_to_the_last_view_and_back_again() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "9", "minus")
        assert app.front.title == "Services"
        await press(pilot, "minus")
        assert app.front.title == "Host & metrics"


async def test_a_pause_freezes_every_screen_until_it_is_lifted() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "p")
        assert "PAUSED at 03:00:00 UTC" in screen_text(app)
        pushes = app.pushes
        app.runtime.publish(observed("api", Verdict.DOWN, "gone", seconds=1))
        await app.clock.advance(30)
        await pilot.pause(0.3)
        assert app.pushes == pushes
        assert "gone" not in screen_text(app)
        await press(pilot, "2")
        assert "PAUSED" in screen_text(app)
        assert "gone" not in screen_text(app)
        await press(pilot, "p")
        assert "PAUSED" not in screen_text(app)
        await until(pilot, lambda: "gone" in screen_text(app))


async def test_nothing_is_pushed_when_nothing_changed() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        pushes = app.pushes
        for _ in range(50):
            app.runtime.publish()
        await pilot.pause(0.25)
        assert app.pushes == pushes


async def test_a_thousand_changes_are_at_most_ten_pictures_a_second() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        before = app.pushes
        for number in range(1000):
            verdict = Verdict.DOWN if number % 2 else Verdict.OK
            app.runtime.publish(observed("api", verdict, seconds=number))
        last = app.runtime.snapshot
        await until(pilot, lambda: getattr(app.front.picture, "snapshot", None) is last)
        assert 1 <= app.pushes - before <= 5


async def test_ages_go_on_once_a_second_without_any_change() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        await app.clock.advance(1)
        await until(pilot, lambda: "03:00:01 UTC" in screen_text(app))


async def test_looking_now_is_passed_on() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "r", "ctrl+r")
        assert app.runtime.refreshes == 2


async def test_the_runtime_is_stopped_at_the_end() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE):
        pass
    assert app.runtime.stops == 1


class TestCommandLine:
    async def test_a_command_goes_where_it_says(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, *":serv", "tab", "enter")
            assert isinstance(app.front, ServicesScreen)

    async def test_keys_typed_in_one_burst_all_reach_the_command_line(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            for key in ("colon", "h", "o", "s", "t", "enter"):
                app.post_message(key_event(key))
            await until(pilot, lambda: app.front.title == "Host & metrics")

    async def test_completions_are_offered_while_typing(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, *":theme ")
            text = screen_text(app)
            assert all(f"theme {name}" in text for name in ("dark", "light", "contrast"))

    async def test_what_cannot_be_run_is_refused_in_place(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, *":servcies", "enter")
            assert isinstance(app.screen, CommandScreen)
            assert "did you mean services" in screen_text(app)
            await press(pilot, "escape")
            assert app.screen is app.front

    async def test_the_theme_can_be_changed(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, *":theme light", "enter")
            assert app.theme == "light"

    async def test_a_command_pauses(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, *":pause", "enter")
            assert "PAUSED" in screen_text(app)

    async def test_q_quits_at_once(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, *":q", "enter")
            await until(pilot, lambda: not app.is_running)
        assert app.return_code == 0

    async def test_the_palette_runs_what_is_marked(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "ctrl+p", *"runb", "enter")
            assert app.front.title == "Runbook"

    async def test_ctrl_c_closes_the_dialog_and_does_not_quit(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "colon", "ctrl+c", "ctrl+c")
            assert app.screen is app.front
            assert app.is_running

    async def test_keys_of_the_screen_do_nothing_behind_a_dialog(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "question_mark", "2", "p", "colon")
            assert isinstance(app.screen, HelpScreen)
            assert app.front.title == "Overview"
            assert not app.is_paused


class TestDrillDown:
    async def test_enter_on_a_system_leads_to_its_services(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "down", "enter")
            assert isinstance(app.front, ServicesScreen)
            assert app.front.query_one(ServicesTablePane).cursor_key == "local/bank/ledger"

    async def test_a_command_leads_to_a_service(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, *":services worker", "enter")
            assert app.front.query_one(ServicesTablePane).cursor_key == "local/shop/worker"
            await press(pilot, *":services shop/redis", "enter")
            assert app.front.query_one(ServicesTablePane).cursor_key == "local/shop/redis"

    async def test_a_command_leads_to_a_system(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, *":system bank", "enter")
            assert app.front.query_one(OverviewSystemsPane).spot == Spot("bank")

    async def test_what_is_not_there_is_said(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, *":services nowhere", "enter")
            await until(pilot, lambda: "nothing here is called nowhere" in toasts(app))


class TestFilter:
    async def test_rows_are_filtered_while_typing_and_the_count_stays_in_sight(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "2", "slash", *"redis")
            assert "1 of 4" in screen_text(app)
            await press(pilot, "enter")
            assert "/redis" in screen_text(app)
            assert not isinstance(app.focused, FilterBar)

    async def test_escape_shows_all_rows_again_before_it_goes_back(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "2", "slash", *"redis", "enter", "escape")
            assert app.front.title == "Services"
            assert "of 4" not in screen_text(app)
            await press(pilot, "escape")
            assert app.front.title == "Overview"

    async def test_a_bang_leaves_only_trouble(self) -> None:
        app = ScriptedConsole(events=troubled_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "2", "exclamation_mark")
            assert "faults only" in screen_text(app)
            table = screen_text(app).partition("CHECK")[0]
            assert "ledger" not in table

    async def test_digits_and_letters_go_into_the_filter_and_nowhere_else(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "2", "slash", *"9p!:q")
            assert app.front.title == "Services"
            assert not app.is_paused
            assert app.front.query_one(FilterBar).text == "9p!:q"

    async def test_a_screen_without_rows_says_why_it_cannot_filter(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "7", *":filter x", "enter")
            assert "no rows to filter" in toasts(app)


class TestHelp:
    async def test_help_lists_exactly_the_bindings_that_are_active(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "2")
            active = {
                one.binding.tooltip or one.binding.description
                for one in app.front.active_bindings.values()
                if one.binding.description
            }
            await press(pilot, "question_mark")
            assert isinstance(app.screen, HelpScreen)
            listed = {row.text for group in app.screen._groups for row in group.rows}
            assert listed == active

    async def test_what_does_not_work_now_is_listed_with_the_reason(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=SIZE) as pilot:
            await press(pilot, "7", "f1")
            assert isinstance(app.screen, HelpScreen)
            rows = {row.text: row for group in app.screen._groups for row in group.rows}
            assert "no rows to filter" in rows["Filter"].reason_against
            assert rows["Pause"].reason_against == ""

    async def test_help_shows_the_keys_that_were_remapped(self) -> None:
        app = ScriptedConsole(events=calm_events(), keymap={"app.pause": "f9"})
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause()
            await press(pilot, "f9")
            assert app.is_paused
            await press(pilot, "p")
            assert app.is_paused
            await press(pilot, "question_mark")
            assert isinstance(app.screen, HelpScreen)
            rows = {row.text: row.keys for group in app.screen._groups for row in group.rows}
            assert rows["Pause"] == "f9"


async def test_a_key_map_that_names_nothing_is_told_with_the_nearest() -> None:
    app = ScriptedConsole(events=calm_events(), keymap={"app.puase": "f9"})
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "the nearest is app.pause" in toasts(app))


async def test_a_pane_can_have_the_whole_screen_and_give_it_back() -> None:
    app = ScriptedConsole(events=troubled_events())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "f")
        assert app.front.maximized is not None
        text = screen_text(app)
        assert "DEV" in text
        assert "? Help" in text
        assert app.front.maximized.size.height >= SIZE[1] - 3
        await press(pilot, "escape")
        assert app.front.maximized is None
        assert app.front.title == "Services"


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (200, 60), (500, 200), (20, 5), (5, 1)])
async def test_every_screen_can_be_shown_at_any_size(size: tuple[int, int]) -> None:
    app = ScriptedConsole(events=troubled_events())
    async with app.run_test(size=size) as pilot:
        for place in PLACES:
            await press(pilot, place.digit)
            assert all(len(row) <= size[0] for row in screen_text(app).splitlines())


async def test_a_storm_of_sizes_ends_with_a_true_screen() -> None:
    app = ScriptedConsole(events=troubled_events())
    async with app.run_test(size=SIZE) as pilot:
        for step in range(30):
            await pilot.resize_terminal(20 + 17 * step % 180, 5 + 7 * step % 50)
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: "connection refused" in screen_text(app))
        assert "needs 40x10" not in screen_text(app)


async def test_a_terminal_too_small_says_so_and_still_how_the_systems_are() -> None:
    app = ScriptedConsole(events=troubled_events())
    async with app.run_test(size=(30, 8)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "needs 40x10" in text
        assert "✖ 1 down" in text


PAYLOADS = (*MARKUP, *CORPUS[:40])


@pytest.mark.parametrize("first", range(0, len(PAYLOADS), 10))
async def test_hostile_names_are_shown_literally_on_every_screen(first: int) -> None:
    payloads = PAYLOADS[first : first + 10]
    watched = topology(*(system(one, service(one, system=one)) for one in payloads))
    events = [observed(one, Verdict.DOWN, one, system=one) for one in payloads]
    app = ScriptedConsole(watched, events=events)
    async with app.run_test(size=(200, 120)) as pilot:
        for key in ("1", "9", "f1", "escape", "ctrl+p", "escape", "2"):
            await press(pilot, key)
            text = screen_text(app)
            assert all(one.isprintable() or one == "\n" for one in text)
        missing = [one for one in payloads if one in MARKUP and one not in text]
        assert missing == []


async def test_hostile_text_in_a_toast_is_shown_literally() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.action_go("services", "[@click=app.quit]x[/]")
        await pilot.pause()
        await until(pilot, lambda: "[@click=app.quit]x[/]" in "".join(screen_text(app).split()))


async def test_time_of_the_picture_is_the_clocks() -> None:
    app = ScriptedConsole(events=calm_events())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert app.front.picture is not None
        assert app.front.picture.now - app.clock.now() == timedelta(0)
