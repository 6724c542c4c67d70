"""The shelf of actions: found by a part of their name, and odd folders stand in nobody's way."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.actions.folder import ActionFolder
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


def made_at(stage: Stage, now_s: float) -> Path:
    """Rename the action on a stage to one made then; return its folder."""
    old, new = stage.action.path, stage.action.path.with_name(new_id(now_s))
    old.rename(new)
    plan = new / "plan.json"
    plan.write_text(plan.read_text("utf-8").replace(old.name, new.name), "utf-8")
    return new


def with_a_past(folder: Path) -> tuple[Stage, Path]:
    """Return a stage with one left unfinished long ago, and three that ended since."""
    stage = begun(folder)
    oldest = made_at(stage, 1_000.0)
    for day in range(1, 4):
        for name in ("one", "two"):
            (stage.files / name).write_text("old", "utf-8")
        stage.confirm(stage.plan())
        stage.execute()
        made_at(stage, 1_000.0 + day * 172_800)
    return stage, oldest


def test_what_is_unfinished_is_never_forgotten_for_newer_ones(tmp_path: Path) -> None:
    stage, oldest = with_a_past(tmp_path / "one")
    shelf = shelf_of(stage)
    states, _ = shelf.begun(1)
    assert [one.plan.id for one in states] == [shelf.ids()[0], oldest.name]
    [left] = shelf.unfinished()
    assert left.plan.id == oldest.name
    assert shelf_of(stage).blocking(left.plan.locks[:1]) == left


@pytest.mark.parametrize("phase", ["needs_human", "committed"])
def test_the_end_of_a_journal_tells_what_waits_for_a_person(tmp_path: Path, phase: str) -> None:
    stage, oldest = with_a_past(tmp_path / "one")
    with (oldest / "journal.jsonl").open("a", encoding="utf-8") as file:
        said = '"phase":"needs_human"' * 500  # as a step may have said
        row = {"ev": "ended", "ts": 1, "mono": 1, "text": said, "phase": phase}
        closed = {"ev": "closed", "ts": 1, "mono": 1}
        file.writelines(f"{json.dumps(one, separators=(',', ':'))}\n" for one in (row, closed))
    waits = [one.plan.id for one in shelf_of(stage).unfinished()]
    assert waits == ([oldest.name] if phase == "needs_human" else [])
    with (oldest / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"ev":"resolved","ts":1,"mono":1,"text":"seen to"}\n')
    assert not list(shelf_of(stage).unfinished())


def test_what_is_over_is_not_opened_again_at_every_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, oldest = with_a_past(tmp_path / "one")
    for day in range(3):
        stage.plan()
        made_at(stage, 1_000.0 + day * 3_600)
    stage.plan()
    shelf = shelf_of(stage)
    before = shelf.begun(2)
    assert [*shelf.unfinished()] == [*before[0][2:]]
    opened: list[str] = []

    def text(folder: ActionFolder, name: str) -> str:
        opened.append(folder.path.name)
        return (folder.path / name).read_text("utf-8")

    def end(folder: str) -> bool:
        opened.append(Path(folder).name)
        return False

    monkeypatch.setattr(ActionFolder, "_text", text)
    monkeypatch.setattr("core.actions.shelf.is_settled", end)
    assert shelf.begun(2) == before
    assert set(opened) == {oldest.name}


def test_a_plan_that_is_begun_after_a_look_is_seen(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    shelf = shelf_of(stage)
    assert shelf.begun() == ((), ())
    stage.confirm(plan)
    stage.execute()
    assert [one.plan.id for one in shelf.begun()[0]] == [plan.id]
