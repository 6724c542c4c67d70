"""Saved queries, percentiles and menus on the Logs screen: real files, the real desk."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.model.topology import LogQuerySpec
from screens.log_menu import LogMenuScreen
from screens.log_saved import SavedQueriesScreen
from tests.pilot.log_console import Logs, opened, stamped
from tui.binding_ids import known_binding_ids
from widgets.log_details_pane import LogFieldsPane
from widgets.log_measure_pane import LogMeasurePane
from widgets.log_personal_pane import LogPersonalTable
from widgets.log_sources_pane import LogSourcesPane
from widgets.log_tops_pane import LogTopsPane
from widgets.query_bar import QueryBar

LOG = "api/app"
SAVED = (
    LogQuerySpec(
        *("errors", "Errors of the last half hour", LOG, "level>=error"),
        window_s=1800.0,
        note="by record time",
    ),
    LogQuerySpec("slow", "Slower than 400 ms", LOG, "duration_ms>400", count_by="route"),
    LogQuerySpec("times", "Response time", LOG, measure="duration_ms", last=10),
    LogQuerySpec("by-user", "One user", LOG, "user={user}"),
    LogQuerySpec("private", "Personal data", LOG, is_personal_data=True),
)


@pytest.fixture(name="paths")
def fixture_paths(tmp_path: Path) -> dict[str, Path]:
    """Calls of 1 to 500 ms, a second each, of two users; and a log of a bank."""
    calls = (
        stamped(
            3000 + at,
            f'{{"duration_ms": {at}, "route": "/r{at % 3}", "user": "u{at % 2} \\"x\\""}}',
            "INFO" if at % 100 else "ERROR",
        )
        for at in range(1, 501)
    )
    paths = {"api/app": tmp_path / "api.log", "ledger/app": tmp_path / "ledger.log"}
    paths["api/app"].write_text("".join(calls))
    paths["ledger/app"].write_text("".join(stamped(3000 + at, f"b{at}") for at in range(100)))
    return paths


@pytest.fixture(name="logs")
async def fixture_logs(paths: dict[str, Path]) -> AsyncGenerator[Logs]:
    async with opened(paths, saved=SAVED) as logs:
        await logs.until_counted()
        yield logs


async def recall(logs: Logs, text: str) -> None:
    await logs.press("Q")
    await logs.until(lambda: isinstance(logs.app.screen, SavedQueriesScreen))
    await logs.type(text)
    await logs.press("enter")


def chosen(logs: Logs) -> list[str]:
    picture = logs.screen.logs
    return [one.source for one in picture.logs if one.is_chosen] if picture else []


# Saved queries


async def test_a_saved_query_chooses_its_log_its_filter_and_its_window(logs: Logs) -> None:
    await recall(logs, "half hour")
    await logs.until(lambda: chosen(logs) == ["shop/api/app"] and len(logs.rows) == 5)
    await logs.until_shown("Q Errors of the last half hour", "last 30 m", "& level>=error")
    assert logs.screen.focused is logs.pane
    await logs.press("escape")
    await logs.until(lambda: len(logs.rows) > 5)
    await logs.until(lambda: "Q Errors" not in logs.text)


async def test_a_saved_query_counts_the_values_it_says(logs: Logs) -> None:
    await recall(logs, "slower")
    tops = logs.screen.query_one(LogTopsPane)
    await logs.until(lambda: {row.key for row in tops.rows} == {"/r0", "/r1", "/r2"})
    await logs.until(lambda: len(logs.rows) == 100)


async def test_a_saved_query_measures_the_last_records(logs: Logs) -> None:
    await recall(logs, "response")
    await logs.until_shown("Percentiles of duration_ms", "last 10 records", "491 ms", "500 ms")
    await logs.until(lambda: len(logs.rows) == 10)
    await logs.press("escape")
    await logs.until(lambda: "Percentiles" not in logs.text)
    await logs.press("escape")
    await logs.until(lambda: len(logs.rows) > 10)


async def test_the_last_records_of_other_logs_can_be_left_too(logs: Logs) -> None:
    await recall(logs, "response")
    await logs.until_shown("last 10 records")
    await logs.press("L", "G", "enter")
    await logs.until(lambda: chosen(logs) == ["bank/ledger/app"] and len(logs.rows) == 10)
    await logs.press("L", "escape", "escape")
    await logs.until(lambda: len(logs.rows) == 100)


async def test_a_saved_query_asks_for_its_value_and_quotes_it(logs: Logs) -> None:
    await recall(logs, "one user")
    bar = logs.screen.query_one(QueryBar)
    await logs.until(lambda: logs.screen.focused is bar and bar.prompt == "user: ")
    await logs.press("enter")
    assert bar.display
    await logs.type('u1 "x"')
    await logs.press("enter")
    await logs.until(lambda: len(logs.rows) == 250)
    await logs.until_shown('Q One user (u1 "x")')
    await recall(logs, "one user")
    await logs.until(lambda: logs.screen.focused is bar)
    await logs.press("escape")
    assert not bar.display
    assert len(logs.rows) == 250


async def test_what_is_no_question_for_a_screen_says_where_it_is_asked(logs: Logs) -> None:
    await recall(logs, "personal")
    dialog = logs.app.screen
    assert isinstance(dialog, SavedQueriesScreen)
    assert "quarterdeck logs --query shop/private" in logs.text
    await logs.press("escape")
    assert logs.app.screen is logs.screen


async def test_the_list_says_what_the_question_under_the_cursor_is(logs: Logs) -> None:
    await logs.press("Q")
    await logs.until_shown("by record time", "& level>=error", "last 30 m", "user?")
    await logs.press("down")
    await logs.until_shown("& duration_ms>400")
    await logs.type("xyzzy")
    await logs.until_shown("none of 5 rows match")
    await logs.press("enter")
    assert isinstance(logs.app.screen, SavedQueriesScreen)


async def test_without_saved_queries_the_list_says_where_they_are_written(
    paths: dict[str, Path],
) -> None:
    async with opened(paths) as logs:
        await logs.press("Q")
        await logs.until_shown("no system of this configuration has log_views")
        await logs.press("enter", "escape")
        assert logs.app.screen is logs.screen


async def test_a_query_of_ones_own_is_no_saved_one(logs: Logs) -> None:
    await recall(logs, "half hour")
    await logs.until_shown("Q Errors")
    await logs.press("ampersand")
    await logs.press("enter")
    await logs.until(lambda: "Q Errors" not in logs.text)


# Percentiles


async def test_percentiles_of_a_field_that_is_named(logs: Logs) -> None:
    await logs.press("percent_sign")
    bar = logs.screen.query_one(QueryBar)
    await logs.until_shown("percentiles of which number?  duration_ms")
    assert bar.text == "duration_ms"
    await logs.press("enter")
    await logs.until_shown("p99", "495 ms", "250.5 ms", "5 of 600 (0.83%)", "100 without a number")
    assert logs.screen.focused is logs.pane
    await logs.press("escape")
    await logs.until(lambda: "p99" not in logs.text)


async def test_a_field_without_numbers_says_so(logs: Logs) -> None:
    await logs.press("percent_sign", "ctrl+u")
    await logs.type("duratoin")
    await logs.press("enter")
    await logs.until_shown("no record has duratoin (did you mean duration_ms?)")


async def test_values_of_a_field_that_is_named_are_counted(logs: Logs) -> None:
    await logs.press("b")
    await logs.type("route")
    await logs.press("enter")
    tops = logs.screen.query_one(LogTopsPane)
    await logs.until(lambda: logs.screen.focused is tops and len(tops.rows) == 3)


async def test_figures_take_the_place_of_each_other(logs: Logs) -> None:
    await logs.press("percent_sign", "enter")
    measure = logs.screen.query_one(LogMeasurePane)
    await logs.until(lambda: measure.display)
    await logs.press("b")
    await logs.type("route")
    await logs.press("enter")
    await logs.until(lambda: logs.screen.query_one(LogTopsPane).display and not measure.display)


# What looks personal

PERSONAL = {
    "api/app": 'mail from anna.rossi@example.org {"phone": "+49 151 23456789"}',
    "ledger/app": "paid with 4111 1111 1111 1111",
}


@pytest.fixture(name="personal")
async def fixture_personal(paths: dict[str, Path]) -> AsyncGenerator[Logs]:
    """Two records with three values, far from the newest; the pane that has found them."""
    for name, text in PERSONAL.items():
        lines = paths[name].read_text()
        paths[name].write_text(stamped(0, text) + lines + 5 * lines)
    async with opened(paths) as logs:
        await logs.until_counted()
        await logs.press("P")
        table = logs.screen.query_one(LogPersonalTable)
        await logs.until(lambda: len(table.rows) == 3 and logs.screen.focused is table)
        yield logs


async def test_what_looks_personal_is_shown_by_kind_and_file_with_masked_samples(
    personal: Logs,
) -> None:
    await personal.until_shown("2 of 3,602 records hold", "1 email", "1 phone", "1 card")
    await personal.until_shown("a•••@e•••.org", "+49 ••• 89", "•••• 1111", "ledger.log")
    assert "anna" not in personal.text
    await personal.press("escape")
    await personal.until(lambda: "Personal data" not in personal.text)
    assert personal.screen.focused is personal.pane


async def test_the_record_with_something_personal_is_gone_to(personal: Logs) -> None:
    table = personal.screen.query_one(LogPersonalTable)
    table.cursor_key = next(row.key for row in table.rows if "email" in row.key)
    await personal.press("enter")
    await personal.until(lambda: personal.at.startswith("mail from anna"))
    await personal.until_shown("anna.rossi@example.org", "Personal data")
    assert personal.screen.focused is table


async def test_while_others_look_nothing_personal_is_shown(personal: Logs) -> None:
    await personal.press("ctrl+o")
    await personal.until_shown("PRESENTING")
    table = personal.screen.query_one(LogPersonalTable)
    table.cursor_key = next(row.key for row in table.rows if "email" in row.key)
    await personal.press("enter")
    await personal.until_shown("mail from ••••••••")
    await personal.press("escape", "enter")
    await personal.until_shown("The record")
    assert "anna" not in personal.text
    assert "23456789" not in personal.text
    await personal.press("ctrl+o")
    await personal.until_shown("anna.rossi@example.org")


# Menus


async def on_field(logs: Logs, name: str) -> LogFieldsPane:
    await logs.press("enter", "enter")
    fields = logs.screen.query_one(LogFieldsPane)
    await logs.until(lambda: logs.screen.focused is fields)
    await logs.until(lambda: any(row.key == name for row in fields.rows))
    fields.cursor_key = name
    await logs.press("x")
    await logs.until(lambda: isinstance(logs.app.screen, LogMenuScreen))
    return fields


@pytest.fixture(name="call")
async def fixture_call(paths: dict[str, Path]) -> AsyncGenerator[Logs]:
    """The cursor on the newest call: 500 ms, an error, by u0 of /r2."""
    async with opened({"api/app": paths["api/app"]}) as logs:
        await logs.until_counted()
        yield logs


async def test_the_menu_of_a_value_shows_only_it_or_hides_it(call: Logs) -> None:
    await on_field(call, "route")
    await call.press("enter")
    await call.until(lambda: len(call.rows) == 167)
    await call.until_shown('& route="/r2"')
    await call.press("escape", "escape")
    await call.until(lambda: len(call.rows) >= 400)
    await on_field(call, "route")
    await call.press("minus")
    await call.until_shown('& -route="/r2"')


async def test_the_menu_of_a_value_counts_and_measures_its_field(call: Logs) -> None:
    await on_field(call, "duration_ms")
    await call.press("percent_sign")
    await call.until_shown("Percentiles of duration_ms", "495 ms")
    await on_field(call, "route")
    await call.press("b")
    await call.until(lambda: len(call.screen.query_one(LogTopsPane).rows) == 3)
    assert isinstance(call.screen.focused, LogTopsPane)


async def test_what_cannot_be_done_with_a_value_says_why(call: Logs) -> None:
    await on_field(call, "route")
    await call.until_shown("(the value is not a number)")
    await call.press("percent_sign")
    assert isinstance(call.app.screen, LogMenuScreen)
    await call.press("escape")
    assert call.app.screen is call.screen


async def test_the_same_value_is_searched_among_all_that_is_around(call: Logs) -> None:
    await call.press("exclamation_mark")
    await call.until(lambda: len(call.rows) == 5)
    at = call.at
    await on_field(call, "route")
    await call.press("n")
    await call.until(lambda: len(call.rows) > 5 and call.at == at)
    await call.until_shown('/ route="/r2"')
    await call.press("N")
    await call.until(lambda: '"duration_ms": 497' in call.at)


async def test_a_value_is_shown_wherever_it_stands(call: Logs) -> None:
    await on_field(call, "user")
    await call.press("i")
    await call.until(lambda: len(call.rows) == 250)


async def test_a_value_is_copied_as_it_is(
    call: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    await on_field(call, "user")
    await call.press("c")
    copied = tmp_path / "quarterdeck" / "copied.txt"
    await call.until(lambda: copied.exists() and copied.read_text() == 'u0 "x"')


async def test_the_menu_of_a_row_filters_by_level_and_by_log(logs: Logs) -> None:
    await logs.press("x", "v")
    await logs.until(lambda: len(logs.rows) == 5)
    await logs.until_shown("& level>=error")
    await logs.press("escape")
    await logs.until(lambda: len(logs.rows) > 5)
    await logs.press("x")
    await logs.until_shown("(nothing is hidden)", "(it names neither)")
    await logs.press("plus")
    await logs.until(lambda: chosen(logs) == ["shop/api/app"])
    await logs.press("x")
    await logs.until_shown("(no other log is shown)")


async def test_the_row_of_a_menu_and_the_record_of_a_field_stay_while_others_come(
    call: Logs, paths: dict[str, Path]
) -> None:
    def more(number: int) -> None:
        with paths["api/app"].open("a") as file:
            file.write(stamped(3600 + number, f"new{number}"))

    at = call.at
    await call.press("x")
    more(1)
    await call.until(lambda: call.rows[-1:] == ["new1"])
    assert call.at == at
    await call.press("escape", "G")
    await call.until(lambda: call.at == "new1")
    await call.press("enter", "enter")
    more(2)
    await call.until(lambda: call.rows[-1:] == ["new2"])
    assert call.at == "new1"


async def test_the_menu_of_a_count_narrows_by_its_value(call: Logs) -> None:
    await call.press("b")
    await call.type("route")
    await call.press("enter")
    tops = call.screen.query_one(LogTopsPane)
    await call.until(lambda: call.screen.focused is tops and len(tops.rows) == 3)
    value = tops.cursor_key
    await call.press("x", "enter")
    await call.until_shown(f'& route="{value}"')


async def test_the_menu_of_a_log_shows_it_alone(logs: Logs) -> None:
    await logs.press("L", "G")
    sources = logs.screen.query_one(LogSourcesPane)
    await logs.until(lambda: sources.cursor_key == "bank/ledger/app")
    await logs.press("x", "enter")
    await logs.until(lambda: chosen(logs) == ["bank/ledger/app"])


def test_every_key_of_the_screen_and_its_dialogs_can_be_remapped() -> None:
    known = known_binding_ids()
    assert {"log.saved", "log.menu", "log.measure", "menu.close", "saved.ask"} <= known
