"""The shelf of actions: found by a part of their name, and odd folders stand in nobody's way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.actions.ids import new_id
from core.actions.shelf import Shelf
from core.errors import ActionError
from core.model.action import Phase
from core.model.action_state import ProcessRun
from tests.unit.core.actions.stage import Killed, Places, Stage


def dead(_run: ProcessRun) -> bool:
    return False


def shelf_of(stage: Stage, is_alive: Callable[[ProcessRun], bool] = dead) -> Shelf:
    return Shelf(stage.folder / "actions", is_alive)


def begun(folder: Path) -> Stage:
    """Return a stage whose action was killed amid its second step."""
    folder.mkdir()
    stage = Stage(folder)
    stage.confirm(stage.plan())
    places = Places()
    stage.execute(places)
    at = [index for index, name in enumerate(places.passed) if name == "applied"][1]
    other = folder / "other"
    other.mkdir()
    stage = Stage(other)
    stage.confirm(stage.plan())
    with pytest.raises(Killed):
        stage.execute(Places(at))
    return stage


def ids_in(folder: Path, *ids: str) -> Shelf:
    for one in ids:
        (folder / one).mkdir()
    return Shelf(folder, dead)


FIRST, SECOND = "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01BRZ3NDEKTSV4RRFFQ69G5FAW"


def test_the_newest_comes_first_and_only_ids_are_actions(tmp_path: Path) -> None:
    names = (FIRST, SECOND, "lost+found", FIRST.lower(), f"{FIRST}X", "..hidden")
    assert ids_in(tmp_path, *names).ids() == [SECOND, FIRST]


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    assert Shelf(tmp_path / "none", dead).ids() == []
    (tmp_path / "file").touch()
    with pytest.raises(ActionError, match="cannot be read"):
        Shelf(tmp_path / "file", dead).ids()


@pytest.mark.parametrize("part", [FIRST, FIRST.lower(), "01A", "FAV", "fav"])
def test_a_part_that_only_one_has_is_enough(tmp_path: Path, part: str) -> None:
    assert ids_in(tmp_path, FIRST, SECOND).at(part).action_id == FIRST


@pytest.mark.parametrize(
    ("part", "said"),
    [("01", "2 actions match"), ("", "2 actions match"), ("9", "no action is called"),
     ("../01", "no action is called"), ("ARZ3", "no action is called")],
)  # fmt: skip
def test_one_that_none_or_several_have_is_refused(tmp_path: Path, part: str, said: str) -> None:
    with pytest.raises(ActionError, match=said):
        ids_in(tmp_path, FIRST, SECOND).at(part)


def test_a_whole_name_is_meant_even_where_another_ends_so(tmp_path: Path) -> None:
    shelf = ids_in(tmp_path, FIRST, SECOND)
    assert shelf.at(SECOND).action_id == SECOND


def test_what_was_never_begun_is_not_listed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.plan()
    assert shelf_of(stage).begun() == ((), ())


def test_one_whose_process_died_is_left_over_and_blocks_its_targets_alone(tmp_path: Path) -> None:
    stage = begun(tmp_path / "one")
    shelf = shelf_of(stage)
    [state] = shelf.begun()[0]
    assert state.is_left_over
    assert state.phase is Phase.RUNNING
    locks = state.plan.locks
    assert shelf.blocking(locks[:1]) == state
    assert shelf.blocking(locks, but=state.plan.id) is None
    assert shelf.blocking(("unit:other",)) is None


def test_one_whose_process_lives_blocks_nobody_by_its_journal(tmp_path: Path) -> None:
    stage = begun(tmp_path / "one")
    shelf = shelf_of(stage, lambda _run: True)
    [state] = shelf.begun()[0]
    assert state.is_alive
    assert shelf.blocking(state.plan.locks) is None


def test_what_has_ended_is_read_once_and_what_has_not_is_read_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.confirm(stage.plan())
    stage.execute()
    shelf = shelf_of(stage)
    first = shelf.state(stage.action.action_id)
    assert first.phase is Phase.COMMITTED
    (stage.action.path / "journal.jsonl").unlink()
    assert shelf.state(stage.action.action_id) is first


@pytest.mark.parametrize("spoils", ["plan", "journal", "confirmation", "other journal"])
def test_an_odd_folder_is_named_and_the_others_are_shown(tmp_path: Path, spoils: str) -> None:
    stage = begun(tmp_path / "one")
    good = stage.action
    stage.plan()
    odd = stage.action.path
    journal = b'{"ev":"started","ts":1,"mono":1,"pid":1,"ticks":1,"boot":"b"}\n'
    match spoils:
        case "plan":
            (odd / "plan.json").write_text("{}", "utf-8")
        case "journal":
            (odd / "journal.jsonl").write_bytes(b"nonsense\n" + journal)
        case "confirmation":
            (odd / "confirmed.json").write_text("[]", "utf-8")
        case _:
            far = b'{"ev":"begin","ts":1,"mono":1,"step":77}\n'
            (odd / "journal.jsonl").write_bytes(journal + far)
    states, unreadable = shelf_of(stage).begun()
    assert [one.plan.id for one in states] == [good.action_id]
    assert [one.action_id for one in unreadable] == [odd.name]
    assert unreadable[0].problem


def test_an_empty_folder_is_odd_too(tmp_path: Path) -> None:
    """Killed between the folder and its plan."""
    shelf = ids_in(tmp_path, new_id(1.0))
    states, unreadable = shelf.begun()
    assert (states, len(unreadable)) == ((), 1)


def test_no_more_than_asked_for_are_read(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for _ in range(3):
        stage.confirm(stage.plan())
        stage.execute(Places())
        for name in ("one", "two"):
            (stage.files / name).write_text("old", "utf-8")
    assert len(shelf_of(stage).begun(2)[0]) == 2


def test_one_that_ended_while_it_was_looked_at_is_not_taken_for_left_behind(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.confirm(stage.plan())
    stage.execute()
    (journal,) = (tmp_path / "actions").glob("*/journal.jsonl")
    whole = journal.read_bytes()
    lines = whole.splitlines(keepends=True)
    assert b'"audited"' in lines[-2]
    journal.write_bytes(b"".join(lines[:-2]))

    def gone_by_now(_run: ProcessRun) -> bool:
        journal.write_bytes(whole)
        return False

    (action_id,) = shelf_of(stage).ids()
    state = shelf_of(stage, gone_by_now).state(action_id)
    assert state.is_audited
    assert not state.is_left_over
