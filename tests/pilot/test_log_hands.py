"""The Logs screen as hands expect it that live in pagers: nothing silent, nothing lost."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.pilot.log_console import Logs, opened, stamped
from widgets.log_details_pane import LogFieldsPane
from widgets.log_sources_pane import LogSourcesPane

MANY = 2000


@pytest.fixture(name="paths")
def fixture_paths(tmp_path: Path) -> dict[str, Path]:
    """Two logs of a shop; every hundredth record of each says `late`."""

    def write(name: str) -> Path:
        path = tmp_path / f"{name}.log"
        path.write_text(
            "".join(
                stamped(
                    number,
                    f"{name}{number:04d}{' late' if number % 100 == 0 else ''}",
                    "ERROR" if number % 500 == 7 else "INFO",
                )
                for number in range(MANY)
            )
        )
        return path

    return {"api/app": write("a"), "web/page": write("b")}


@pytest.fixture(name="logs")
async def fixture_logs(paths: dict[str, Path]) -> AsyncGenerator[Logs]:
    async with opened(paths) as logs:
        await logs.until_counted()
        yield logs


async def test_a_search_says_how_many_match_until_it_is_undone(logs: Logs) -> None:
    await logs.press("slash")
    await logs.type("late")
    await logs.press("enter")
    await logs.until_shown("/ late  40 matches")
    await logs.press("E")
    await logs.until(lambda: logs.at == "b1507")
    assert "/ late  40 matches" in logs.text
    await logs.press("escape")
    await logs.until(lambda: "matches" not in logs.text)
    await logs.press("n")
    await logs.until_shown("search for something with / first")


async def test_going_to_an_error_leaves_what_is_searched_for_marked(logs: Logs) -> None:
    await logs.press("slash")
    await logs.type("late")
    await logs.press("enter")
    await logs.until(lambda: logs.at == "b1900 late")
    await logs.press("E")
    await logs.until(lambda: logs.at == "b1507")
    found = logs.screen.highlights
    assert found is not None
    assert list(found("too late")) == [(4, 8)]


async def test_logs_that_are_named_are_shown_at_their_end(logs: Logs) -> None:
    await logs.press("pageup", "pageup")
    await logs.until_shown("HELD")
    assert logs.screen.select("web")
    await logs.until(lambda: logs.rows[-1:] == ["b1999"] and "a1999" not in logs.rows)
    await logs.until_shown("FOLLOWING")
    await logs.until(lambda: logs.at == "b1999")


async def test_one_log_alone_is_shown_where_the_list_hides_the_rows(
    paths: dict[str, Path],
) -> None:
    async with opened(paths, size=(80, 24)) as logs:
        await logs.press("L")
        await logs.until(lambda: logs.screen.has_class("-list-alone"))
        await logs.press("space")
        assert logs.screen.has_class("-list-alone")
        await logs.press("enter")
        await logs.until(lambda: not logs.screen.has_class("-list-alone"))
        await logs.until(lambda: logs.screen.focused is logs.pane)
        await logs.until(lambda: logs.rows[-1:] == ["b1999"])


async def test_no_key_of_the_rows_is_offered_while_somebody_types(logs: Logs) -> None:
    await logs.press("slash")
    await logs.until(lambda: "enter Apply" in logs.footer)
    assert "Follow" not in logs.footer
    await logs.press("escape")
    await logs.until(lambda: "Follow" in logs.footer)


async def test_every_field_of_a_record_is_there_once_and_passed_once(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.write_text(
        '{"timestamp": "2026-03-14T09:00:00Z", "level": "ERROR", "logger": "app", "status": 500}\n'
    )
    async with opened({"api/app": path}) as logs:
        await logs.press("enter", "enter")
        fields = logs.screen.query_one(LogFieldsPane)
        await logs.until(lambda: logs.screen.focused is fields and len(fields.rows) > 0)
        names = [row.key for row in fields.rows]
        assert len(set(names)) == len(names)
        passed: list[str] = []
        for _ in names:
            passed.append(fields.cursor_key)
            await logs.press("down")
        assert passed == names


async def test_local_times_are_said_as_long_as_they_are_shown(logs: Logs) -> None:
    await logs.press("t")
    await logs.until_shown("local times", "times: local")
    await logs.press("t", "t")
    await logs.until_shown("times: UTC")
    assert "local times" not in logs.text


async def test_the_menu_of_a_log_is_that_of_the_log(logs: Logs) -> None:
    await logs.press("L")
    sources = logs.screen.query_one(LogSourcesPane)
    await logs.until(lambda: logs.screen.focused is sources)
    await logs.press("x")
    await logs.until_shown("WITH THIS LOG", "Show it alone", "Actions on shop/api")
    await logs.press("plus")
    await logs.until(lambda: logs.rows[-1:] == ["a1999"])


async def test_the_menu_leads_to_the_actions_on_the_service_of_a_row(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[str] = []
    app = logs.app
    monkeypatch.setattr(app, "action_offers", lambda: offered.append(app.front.offers_target))
    await logs.press("x")
    await logs.until_shown("Actions on shop/web")
    await logs.press("x")
    await logs.until(lambda: offered == ["shop/web"])


async def test_copying_says_how_many_records_and_leaves_out_what_no_log_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "app.log"
    path.write_text("".join(stamped(number, f"n{number}") for number in range(3)))
    async with opened({"api/app": path}) as logs:
        await logs.until(lambda: logs.at == "n2")
        path.rename(tmp_path / "app.log.1")
        path.write_text(stamped(3, "n3"))
        await logs.until(lambda: logs.rows[-2:] == ["<rotated>", "n3"])
        await logs.press("k", "c")
        await logs.until_shown("the console wrote this line, no log did")
        await logs.press("m", "j", "m", "c")
        await logs.until_shown("copying 1 record")
        copied = tmp_path / "cache/quarterdeck/copied.txt"
        wanted = stamped(3, "n3").rstrip()
        await logs.until(lambda: copied.exists() and copied.read_text().strip() == wanted)


async def test_a_record_with_the_keys_has_room_for_its_json_on_a_small_terminal(
    tmp_path: Path,
) -> None:
    path = tmp_path / "app.jsonl"
    fields = {f"part{number}": number for number in range(12)}
    path.write_text(json.dumps({"timestamp": "2026-03-14T09:00:00Z", "message": "m", **fields}))
    async with opened({"api/app": path}) as logs:
        await logs.pilot.resize_terminal(80, 24)
        await logs.press("enter", "enter")
        await logs.until_shown("Laid out", '"timestamp"', '"message"', '"part0"')
        assert logs.at, "the row itself stays in sight"
        await logs.press("tab", "f")
        await logs.until_shown('"part11": 11')
