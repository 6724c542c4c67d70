"""The Logs screen under a person's hands: real files, the real desk in its thread."""

import asyncio
import builtins
import os
import threading
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.logs.desk import desk, loaded
from tests.pilot.log_console import Logs, opened, stamped, text_of
from widgets.line_strip import LineStrip
from widgets.log_details_pane import LogDetailsPane, LogFieldsPane
from widgets.log_pane import LogPane
from widgets.log_sources_pane import LogSourcesPane
from widgets.log_summary_pane import LogSummaryPane
from widgets.log_tops_pane import LogTopsPane
from widgets.query_bar import QueryBar

MANY = 3000


def append(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.write("".join(lines))


def write(path: Path, name: str, count: int) -> Path:
    """Write records of which every hundredth is an error."""
    path.write_text(
        "".join(
            stamped(number, f"{name}{number:04d}", "ERROR" if number % 100 == 7 else "INFO")
            for number in range(count)
        )
    )
    return path


def said_in(strip: LineStrip) -> str:
    """Return what stands in a strip, as one line."""
    return "".join(span.text for line in strip.lines for span in line).strip()


@pytest.fixture(name="paths")
def fixture_paths(tmp_path: Path) -> dict[str, Path]:
    """A log of a shop and one of a bank, a record a second in each."""
    return {
        "api/app": write(tmp_path / "api.log", "a", MANY),
        "ledger/app": write(tmp_path / "ledger.log", "b", MANY),
    }


@pytest.fixture(name="logs")
async def fixture_logs(paths: dict[str, Path]) -> AsyncGenerator[Logs]:
    async with opened(paths) as logs:
        await logs.until_counted()
        yield logs


# Following


async def test_it_opens_at_the_end_of_all_logs_and_follows(
    logs: Logs, paths: dict[str, Path]
) -> None:
    assert logs.rows[-2:] == ["a2999", "b2999"]
    await logs.until(lambda: "FOLLOWING" in logs.text)
    append(paths["api/app"], stamped(MANY, "fresh"))
    await logs.until_shown("fresh")
    assert logs.at == "fresh"


async def test_the_cursor_stays_on_its_record_while_rows_come(
    logs: Logs, paths: dict[str, Path]
) -> None:
    await logs.press("k", "k", "k")
    assert logs.at == "a2998"
    seen = [line[41:110] for line in logs.text.splitlines()[7:-1]]
    append(paths["api/app"], *(stamped(MANY + n, f"fresh{n}") for n in range(5)))
    await logs.until_shown("HELD, 5 newer")
    assert logs.at == "a2998"
    assert [line[41:110] for line in logs.text.splitlines()[7:-1]] == seen
    await logs.press("G")
    await logs.until_shown("FOLLOWING")
    await logs.until(lambda: logs.at == "fresh4")


async def test_moving_to_the_last_row_follows_again(logs: Logs, paths: dict[str, Path]) -> None:
    await logs.press("k")
    await logs.until(lambda: "HELD" in logs.text)
    await logs.press("j")
    await logs.until(lambda: "FOLLOWING" in logs.text)
    append(paths["api/app"], stamped(MANY, "fresh"))
    await logs.until(lambda: logs.at == "fresh")


async def test_what_is_in_sight_stays_while_older_rows_come_above(logs: Logs) -> None:
    await logs.until(lambda: len(logs.rows) == desk.PAGE_ROWS)
    before = len(logs.rows)
    await logs.press(*["pageup"] * (desk.PAGE_ROWS // logs.pane.size.height - 1))
    at = logs.at
    await logs.until(lambda: len(logs.rows) > before)
    await logs.pilot.pause()
    assert logs.at == at
    await logs.until(lambda: at in logs.text)
    top = logs.pane.scroll_offset.y
    assert logs.rows.index(at) - top in range(logs.pane.size.height)


async def test_home_goes_to_the_oldest_and_end_to_the_newest(logs: Logs) -> None:
    await logs.press("home")
    await logs.until(lambda: logs.at == "a0000")
    await logs.press("end")
    await logs.until(lambda: logs.at == "b2999")


# Searching and filtering


async def test_searching_keeps_the_context_and_goes_on_with_n_and_back(logs: Logs) -> None:
    await logs.press("slash")
    await logs.type("level>=error")
    await logs.press("enter")
    await logs.until(lambda: logs.at == "b2907")
    await logs.until(lambda: "a2907" in logs.text)
    await logs.until(lambda: "/ level>=error" in logs.text)
    await logs.press("N")
    await logs.until(lambda: logs.at == "a2907")
    await logs.press("N")
    await logs.until(lambda: logs.at == "b2807")
    await logs.press("n")
    await logs.until(lambda: logs.at == "a2907")
    await logs.press("n")
    await logs.until(lambda: logs.at == "b2907")
    await logs.press("n")
    await logs.until_shown("no match after this row")


async def test_the_cursor_is_in_sight_before_anything_is_typed(logs: Logs) -> None:
    bar = logs.screen.query_one(QueryBar)
    for key in ("slash", "ampersand", "percent_sign"):
        await logs.press(key)
        await logs.until(lambda: any(span.is_reversed for span in bar.lines[0]))
        await logs.press("escape")
    await logs.press("shift+tab")
    await logs.until_shown("enter goes there")
    await logs.press("tab")
    await logs.until(lambda: "enter goes there" not in logs.text)


async def test_what_is_searched_for_stands_out_while_it_is_typed(logs: Logs) -> None:
    await logs.press("slash")
    await logs.type("b299")
    row = logs.pane.rows[-1]
    spans = logs.pane._lines_of(row)[0]
    assert [one.text for one in spans if one.tone == "match"] == ["b299"]
    await logs.press("escape")
    spans = logs.pane._lines_of(row)[0]
    assert not [one for one in spans if one.tone == "match"]


async def test_the_footer_calls_each_key_by_what_it_does_here(logs: Logs) -> None:
    await logs.until(lambda: "/ Search" in logs.footer and "& Filter" in logs.footer)
    await logs.press("L")
    await logs.until(lambda: "/ Filter the list" in logs.footer)
    await logs.press("slash")
    await logs.type("ledger")
    await logs.press("enter")
    sources = logs.screen.query_one(LogSourcesPane)
    assert [row.key for row in sources.shown] == ["bank/ledger/app"]


async def test_a_filter_hides_what_does_not_match_and_escape_shows_it_again(logs: Logs) -> None:
    await logs.press("ampersand")
    await logs.type("level>=error")
    await logs.press("enter")
    await logs.until(lambda: len(logs.rows) == 60)
    await logs.until_counted()
    await logs.until(lambda: "60 records" in logs.text)
    await logs.until(lambda: "& level>=error" in logs.text)
    await logs.press("escape")
    await logs.until(lambda: logs.rows[-1:] == ["b2999"])


async def test_faults_only_hides_what_is_no_warning(logs: Logs) -> None:
    await logs.press("exclamation_mark")
    await logs.until(lambda: len(logs.rows) == 60)
    await logs.press("exclamation_mark")
    await logs.until(lambda: logs.rows[-1:] == ["b2999"])


@pytest.mark.parametrize("prompt", ["slash", "ampersand"])
async def test_a_mistake_in_a_query_is_pointed_at_and_the_text_is_kept(
    logs: Logs, prompt: str
) -> None:
    await logs.press(prompt)
    await logs.type("level>=bogus or x")
    await logs.press("enter")
    bar = logs.screen.query_one(QueryBar)
    assert bar.display
    assert logs.screen.focused is bar
    assert bar.text == "level>=bogus or x"
    assert bar.value.cursor == len("level>=")
    await logs.until(lambda: "bogus" in logs.text)
    await logs.press("escape")
    assert not bar.display
    assert isinstance(logs.screen.focused, LogPane)
    assert logs.rows[-1:] == ["b2999"]


async def test_the_windows_of_the_digits(logs: Logs) -> None:
    # The clock stands still an hour behind the first record and ten minutes behind the last.
    await logs.press("5")
    await logs.until(lambda: 0 < len(logs.rows) < 2500 and logs.rows[-1:] == ["b2999"])
    await logs.until(lambda: "last 30 m" in logs.text)
    await logs.press("1")
    await logs.until(lambda: logs.at == "a0000")
    await logs.press("2")
    await logs.until_shown("no record in the last 1 m")
    await logs.press("0")
    await logs.until(lambda: logs.rows[-1:] == ["b2999"])
    await logs.until(lambda: "FOLLOWING" in logs.text)


async def test_errors_are_gone_to_back_and_on_beyond_what_is_loaded(logs: Logs) -> None:
    found: list[str] = []
    for number in range(2907, 2107, -100):
        for name in "ba":
            await logs.press("E")
            wanted = f"{name}{number}"
            await logs.until(lambda wanted=wanted: logs.at == wanted)
            found.append(logs.at)
    assert len(found) == 16
    await logs.press("e")
    await logs.until(lambda: logs.at == "b2207")


async def test_what_could_not_be_found_is_told_until_one_goes_on(logs: Logs) -> None:
    await logs.press("G", "e")
    await logs.until_shown("no match after this row")
    await logs.press("k")
    await logs.until(lambda: "no match" not in logs.text)
    await logs.press("G", "e")
    await logs.until_shown("no match after this row")


# One row


async def test_time_since_a_mark(logs: Logs) -> None:
    await logs.press("k", "k", "m", "k", "k", "k", "k", "T")
    await logs.until_shown("T since ", "+0.000 s", "-2.002 s", "+1.001 s")
    await logs.press("G")
    await logs.until_shown("FOLLOWING", "+1.001 s")
    await logs.press("T")
    await logs.until(lambda: "T since" not in logs.text and "+1.001 s" not in logs.text)


async def test_without_a_mark_time_counts_from_the_row_under_the_cursor(
    logs: Logs, paths: dict[str, Path]
) -> None:
    await logs.press("T")
    await logs.until_shown("T since ", "+0.000 s")
    append(paths["ledger/app"], stamped(MANY + 4, "later"))
    await logs.until_shown("+4.005 s")


async def test_all_around_shows_what_the_filter_hides(logs: Logs) -> None:
    await logs.press("exclamation_mark")
    await logs.until(lambda: len(logs.rows) == 60)
    await logs.press("k", "a")
    await logs.until(lambda: "a2908" in logs.rows and logs.at == "a2907")
    assert "&" not in logs.text.splitlines()[4]


async def test_the_same_request_is_shown_from_all_logs(logs: Logs, paths: dict[str, Path]) -> None:
    append(paths["ledger/app"], stamped(MANY, "booked (request r-77)"))
    await logs.until(lambda: logs.at.startswith("booked"))
    await logs.press("i")
    await logs.until(lambda: "names no request" in logs.text)
    append(paths["api/app"], stamped(MANY + 1, '{"event": "paid", "request_id": "r-77"}'))
    await logs.until(lambda: "paid" in logs.at)
    await logs.press("i")
    await logs.until(lambda: len(logs.rows) == 2)
    assert logs.rows[0] == "booked (request r-77)"


async def test_wrapping_and_times(logs: Logs, paths: dict[str, Path]) -> None:
    append(paths["api/app"], stamped(MANY, f"{'long ' * 60}the end"))
    await logs.until(lambda: logs.at.endswith("the end"))
    await logs.until(lambda: "the end" not in logs.text)
    await logs.press("w")
    await logs.until(lambda: "the end" in logs.text)
    await logs.until(lambda: "wrapped" in logs.text)
    await logs.press("w", "t", "t")
    await logs.until(lambda: "times: ages" in logs.text)
    await logs.until_shown("10 m ago")


async def test_a_record_opens_follows_the_cursor_and_escape_closes_it(logs: Logs) -> None:
    await logs.press("enter")
    details = logs.screen.query_one(LogDetailsPane)
    assert details.display
    await logs.until(lambda: "2026-03-01 02:49:59" in logs.text)
    await logs.press("k", "k")
    await logs.until_shown("2026-03-01 02:49:58")
    await logs.press("y")
    assert details.is_raw
    await logs.press("escape")
    assert not details.display
    assert logs.app.front is logs.screen


async def test_a_field_narrows_excludes_and_counts(logs: Logs) -> None:
    await logs.press("E")
    await logs.until(lambda: logs.at == "b2907")
    await logs.press("enter", "enter")
    fields = logs.screen.query_one(LogFieldsPane)
    assert logs.screen.focused is fields
    assert fields.cursor_key == "level"
    await logs.press("enter")
    await logs.until(lambda: len(logs.rows) == 60)
    await logs.until(lambda: 'level="error"' in logs.text)
    await logs.press("escape", "escape")
    await logs.until(lambda: logs.rows[-1:] == ["b2999"])
    await logs.press("enter", "enter", "b")
    tops = logs.screen.query_one(LogTopsPane)
    await logs.until(lambda: logs.screen.focused is tops and len(tops.rows) == 2)
    await logs.until(lambda: "5,940" in logs.text)
    await logs.press("backspace")
    await logs.until(lambda: len(logs.rows) == 60)
    await logs.until(lambda: '-level="info"' in logs.text)


async def test_escape_undoes_one_thing_after_the_other_and_never_quits(logs: Logs) -> None:
    await logs.press("exclamation_mark")
    await logs.until(lambda: len(logs.rows) == 60)
    await logs.press("slash")
    await logs.type("b29")
    await logs.press("enter")
    await logs.until(lambda: logs.screen.search_text == "b29")
    await logs.press("enter")
    steps = (
        lambda: logs.screen.has_class("-with-record"),
        lambda: bool(logs.screen.search_text),
        lambda: len(logs.rows) == 60,
    )
    for _ in steps:
        await logs.press("escape")
    await logs.until(lambda: not any(step() for step in steps))
    await logs.until(lambda: logs.rows[-1:] == ["b2999"])
    await logs.press("escape", "escape", "escape")
    assert logs.app.is_running


# Which logs


async def test_logs_are_chosen_alone_together_and_by_system(logs: Logs) -> None:
    await logs.press("L")
    if not logs.screen.has_class("-with-list"):
        await logs.press("L")
    sources = logs.screen.query_one(LogSourcesPane)
    assert logs.screen.focused is sources
    await logs.press("g", "enter")
    await logs.until(lambda: {row.source for row in logs.pane.rows} == {"shop/api/app"})
    await logs.press("j", "space")
    await logs.until(lambda: len({row.source for row in logs.pane.rows}) == 2)
    await logs.press("G", "a")
    await logs.until(lambda: {row.source for row in logs.pane.rows} == {"bank/ledger/app"})


@pytest.mark.parametrize("keys", [(":", "logs bank/ledger"), (":", "logs ledger")])
async def test_the_command_line_opens_the_logs_of_a_service(
    paths: dict[str, Path], keys: tuple[str, str]
) -> None:
    async with opened(paths, keys=()) as logs:
        await logs.press("colon")
        await logs.type(keys[1])
        await logs.press("enter")
        await logs.until(lambda: logs.app.front.title == "Logs")
        await logs.until(lambda: {row.source for row in logs.pane.rows} == {"bank/ledger/app"})


async def test_l_on_a_service_opens_its_logs(paths: dict[str, Path]) -> None:
    async with opened(paths, keys=()) as logs:
        await logs.press("2", "G", "l")
        await logs.until(lambda: logs.app.front.title == "Logs")
        await logs.until(lambda: len({row.source for row in logs.pane.rows}) == 1)


# What there is when there are no rows


async def test_nothing_empty_waiting_and_refused_say_so_in_their_own_words(tmp_path: Path) -> None:
    empty = tmp_path / "empty.log"
    empty.touch()
    folder = tmp_path / "folder.log"
    folder.mkdir()
    told: list[str] = []
    for paths in (
        {"api/app": empty},
        {"api/app": tmp_path / "not" / "there.log"},
        {"api/app": folder},
        {},
    ):
        async with opened(paths) as logs:
            await logs.until(lambda logs=logs: bool(logs.pane.empty_text))
            await logs.until_counted() if paths else None
            told.append("".join(span.text for span in logs.pane.empty_text))
    assert told[0].strip() == "empty"
    assert len(set(told)) == 4, told


async def test_what_is_missing_among_others_is_counted_and_told_in_the_list(
    paths: dict[str, Path], tmp_path: Path
) -> None:
    async with opened({**paths, "web/app": tmp_path / "nowhere" / "web.log"}) as logs:
        await logs.until_shown("FOLLOWING  1 log waiting")
        await logs.press("L")
        logs.screen.query_one(LogSourcesPane).cursor_key = "shop/web/app"
        # Where the path is broken depends on how long it is.
        note = logs.screen.query_one("#logs-note", LineStrip)
        await logs.until(lambda: said_in(note).startswith("waiting; /"))
        assert said_in(note).endswith("web.log does not exist")


async def test_a_log_that_appears_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "later.log"
    async with opened({"api/app": path}) as logs:
        await logs.until(lambda: logs.rows == [])
        path.write_text(stamped(0, "at last"))
        await logs.until_shown("at last")


async def test_a_rotation_is_marked_between_the_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "app.log", "a", 5)
    async with opened({"api/app": path}) as logs:
        path.rename(tmp_path / "app.log.1")
        path.write_text(stamped(5, "a0005"))
        await logs.until_shown("a0005", "────")
        assert [text for text in logs.rows if text.startswith("a")] == [
            f"a000{n}" for n in range(6)
        ]


async def test_a_bug_in_the_thread_is_told_and_nothing_pretends_to_follow(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("threading.excepthook", lambda _: None)
    monkeypatch.setattr(loaded, "page_after", broken)
    await logs.press("g")
    await logs.until_shown("STOPPED", "reading logs has stopped")
    await logs.until(lambda: "FOLLOWING" not in logs.text)


# Room


async def test_it_survives_the_smallest_room_and_back(logs: Logs) -> None:
    await logs.press("k", "k")
    at = logs.at
    await logs.pilot.resize_terminal(40, 10)
    await logs.pilot.pause()
    assert at in "".join(logs.rows)
    await logs.press("enter", "escape", "w", "w")
    await logs.pilot.resize_terminal(120, 40)
    await logs.pilot.pause()
    assert logs.at == at
    await logs.until(lambda: at in logs.text)


async def test_the_rows_keep_the_keys_in_any_room(paths: dict[str, Path]) -> None:
    async with opened(paths, size=(80, 24)) as logs:
        for size in ((200, 60), (80, 24), (120, 40), (200, 60)):
            await logs.pilot.resize_terminal(*size)
            await logs.until(lambda size=size: logs.screen.size == size)
            await logs.pilot.pause()
            assert logs.screen.focused is logs.pane
        sources = logs.screen.query_one(LogSourcesPane)
        assert sources.display
        sources.focus()
        await logs.pilot.resize_terminal(80, 24)
        await logs.until(lambda: logs.screen.focused is logs.pane)
        assert not sources.display


async def test_the_list_gets_the_keys_before_it_is_hidden(paths: dict[str, Path]) -> None:
    async with opened(paths, size=(200, 60)) as logs:
        sources = logs.screen.query_one(LogSourcesPane)
        await logs.press("L")
        await logs.until(lambda: logs.screen.focused is sources)
        await logs.press("L")
        await logs.until(lambda: not sources.display and logs.screen.focused is logs.pane)


async def test_the_list_takes_the_room_of_the_rows_where_there_is_little(
    paths: dict[str, Path],
) -> None:
    async with opened(paths, size=(80, 24)) as logs:
        await logs.press("L")
        sources = logs.screen.query_one(LogSourcesPane)
        await logs.until(lambda: logs.screen.focused is sources)
        assert sources.size.width == 80
        await logs.pilot.resize_terminal(120, 40)
        await logs.until(lambda: sources.size.width < 80 and logs.pane.size.width > 0)
        assert logs.screen.focused is sources
        logs.pane.focus()
        await logs.pilot.resize_terminal(80, 24)
        await logs.until(lambda: not sources.display)
        assert logs.screen.focused is logs.pane


async def test_only_rows_in_sight_are_drawn(logs: Logs, paths: dict[str, Path]) -> None:
    drawn: list[str] = []
    draw = logs.pane._lines_of
    logs.pane._lines_of = lambda row: (drawn.append(text_of(row)), draw(row))[1]  # type: ignore[method-assign]
    append(paths["api/app"], *(stamped(MANY + n, f"fresh{n}") for n in range(1000)))
    await logs.until(lambda: logs.at == "fresh999")
    assert len(set(drawn)) < 12 * logs.pane.size.height


async def test_the_loop_opens_no_log(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    opened_here: list[object] = []
    for module, name in ((os, "open"), (os, "pread"), (builtins, "open")):
        real = getattr(module, name)

        def spy(*args: object, _real: object = real, **how: object) -> object:
            if threading.current_thread() is threading.main_thread():
                opened_here.append(args[0])
            return _real(*args, **how)  # type: ignore[operator]

        monkeypatch.setattr(module, name, spy)
    await logs.press("g")
    await logs.until(lambda: logs.at == "a0000")
    await logs.press("e")
    await logs.until(lambda: logs.at == "a0007")
    await logs.press("G")
    await logs.until(lambda: logs.at == "b2999")
    assert opened_here == []


async def test_the_histogram_is_moved_on_and_the_rows_follow(logs: Logs) -> None:
    summary = logs.screen.query_one(LogSummaryPane)
    summary.focus()
    await logs.press("home")
    await logs.until(lambda: logs.at == "a0000")
    at = logs.at
    await logs.press("l")
    await logs.until(lambda: logs.at > at)
    await logs.until(lambda: "enter goes there" in logs.text)


async def test_copying_leaves_a_file_and_says_where(
    logs: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    await logs.press("m", "k", "k", "m", "c")
    await logs.until(lambda: any("clipboard" in one.message for one in logs.app._notifications))
    copied = (tmp_path / "quarterdeck" / "copied.txt").read_text()
    assert copied == stamped(2998, "b2998") + stamped(2999, "b2999").rstrip("\n")


async def test_saving_writes_what_the_filter_shows(
    logs: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await logs.press("exclamation_mark")
    await logs.until(lambda: len(logs.rows) == 60)
    await logs.press("ctrl+s")
    await logs.until_shown("60 records")
    await logs.until(lambda: bool(list(tmp_path.glob("quarterdeck-logs-*.log"))))
    saved = next(tmp_path.glob("quarterdeck-logs-*.log"))
    await logs.until(lambda: len(saved.read_text().splitlines()) == 60)


async def test_a_megabyte_in_one_line_holds_nothing_up(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(stamped(0, "x" * 1_000_000) + stamped(1, "after"))
    async with opened({"api/app": path}) as logs:
        await logs.until_shown("after")
        await logs.press("k", "enter", "y", "w")
        await asyncio.sleep(0)
        assert "xxxx" in logs.text
        await logs.press("escape", "j")
        assert logs.at == "after"
