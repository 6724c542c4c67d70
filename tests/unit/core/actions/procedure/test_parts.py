"""An optional part is asked about before it begins, and can be left out whole, gates and all."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.audit.record import Event as Audited
from core.actions.procedure.deciding import decide, record_of, started
from core.actions.procedure.engine import advance, begin
from core.actions.procedure.events import (
    Began,
    Ended,
    Entered,
    Event,
    Given,
    PartSkipped,
    Skipped,
    Started,
    Ticked,
    from_line,
    to_line,
)
from core.actions.procedure.moves import event_of, events_of
from core.actions.procedure.steps import steps_of
from core.actions.procedure.store import RunStore
from core.errors import ActionError
from core.model.operation import ProcedureStep
from core.model.procedure import Part, ProcedureRun, RunPhase
from core.model.procedure_ways import Move, Way, part_asked, part_in_question, ways_on
from core.model.text import clean
from tests.unit.core.actions.procedure.making import ID, operations, step
from tests.unit.core.actions.stage import Records


def start_of(**procedures: list[ProcedureStep]) -> Started:
    own = operations(**procedures)
    return Started(100.0, "mia", ID, "shop", "down", "API down", steps_of(own, "down"))


DOWN = start_of(
    down=[
        step("human", "look", title="Look"),
        step(
            "procedure", "back", title="Roll back if needed", is_optional=True, note="last resort"
        ),
        step("human", "tell", title="Tell the users"),
    ],
    back=[
        step("view", "repos/main", title="Choose the commit"),
        step("action", "git.rollback", target="main", title="Go back to it", is_gate=True),
        step("action", "service.restart", target="api", title="Restart"),
    ],
)


def asked() -> ProcedureRun:
    return advance(begin(DOWN), Ticked(101.0, "mia", 0))


def moved(run: ProcedureRun, way: Way, note: str = "") -> ProcedureRun:
    event = event_of(run, Move(way, note), 105.0, "mia")
    assert event is not None
    return advance(run, event)


def statuses(run: ProcedureRun) -> list[str]:
    return [one.status.value for one in run.records]


def ways(run: ProcedureRun) -> dict[Way, str]:
    return {one.way: one.what for one in ways_on(run)}


def test_nothing_of_it_is_done_before_somebody_says_that_it_is_needed() -> None:
    run = asked()
    assert part_asked(run) == Part("2", clean("Roll back if needed"), True, clean("last resort"))
    assert ways(run) == {
        Way.GO_ON: "begins part 2: it is needed",
        Way.SKIP_PART: "skips part 2 as a whole: steps 2.1 to 2.3, gates too",
        Way.ABANDON: "gives up; what was done stays done",
    }
    events: list[Event] = [
        Ticked(102.0, "mia", 1),
        Skipped(102.0, "mia", 1),
        Began(102.0, "mia", 1),
    ]
    for event in events:
        with pytest.raises(ActionError, match="part 2 is optional: say first whether it is needed"):
            advance(run, event)
    begun = moved(run, Way.GO_ON)
    assert part_asked(begun) is None
    assert statuses(advance(begun, Ticked(106.0, "mia", 1)))[1] == "ticked"


def test_it_is_skipped_whole_and_what_follows_it_goes_on() -> None:
    run = moved(asked(), Way.SKIP_PART, "the restart has mended it")
    assert statuses(run) == ["ticked", "skipped", "skipped", "skipped", "pending"]
    assert run.records[1].text == "the restart has mended it"
    assert run.records[2].text == "with part 2"
    finished = advance(run, Ticked(110.0, "mia", 4))
    assert finished.phase is RunPhase.FINISHED


def test_a_gate_that_failed_in_it_holds_its_steps_and_not_what_follows_it() -> None:
    run = advance(moved(asked(), Way.GO_ON), Ticked(106.0, "mia", 1))
    run = advance(run, Began(107.0, "mia", 2, "A1"))
    with pytest.raises(ActionError, match=r"step 2\.2 is running"):
        moved(run, Way.SKIP_PART, "no")
    run = advance(run, Ended(108.0, "mia", 2, False, "no such commit"))
    assert run.phase is RunPhase.STOPPED
    assert Way.SKIP not in ways(run)
    assert ways(run)[Way.SKIP_PART] == "skips part 2 as a whole: steps 2.2 to 2.3, gates too"
    left = moved(run, Way.SKIP_PART, "it cannot be gone back")
    assert statuses(left) == ["ticked", "ticked", "skipped", "skipped", "pending"]
    assert (left.phase, left.records[2].action_id) == (RunPhase.GOING, "A1")


def test_a_part_that_is_not_optional_is_not_asked_about_nor_skipped() -> None:
    start = start_of(
        down=[step("procedure", "back"), step("human", "tell")],
        back=[step("human", "a", is_gate=True), step("human", "b")],
    )
    run = begin(start)
    assert part_in_question(run) is None
    assert Way.SKIP_PART not in ways(run)
    with pytest.raises(ActionError, match="in no part that is optional"):
        moved(run, Way.SKIP_PART, "no")


def test_the_outer_part_is_asked_about_first_and_the_inner_one_is_left_first() -> None:
    start = start_of(
        down=[step("procedure", "outer", is_optional=True), step("human", "tell")],
        outer=[step("procedure", "inner", is_optional=True), step("human", "after")],
        inner=[step("human", "a", is_gate=True)],
    )
    run = begin(start)
    assert statuses(moved(run, Way.SKIP_PART, "no")) == ["skipped", "skipped", "pending"]
    inner = moved(run, Way.GO_ON)
    part = part_asked(inner)
    assert part is not None
    assert part.number == "1.1"
    assert ways(inner)[Way.SKIP_PART] == "skips part 1.1 as a whole: step 1.1.1; it is a gate"
    left = moved(inner, Way.SKIP_PART, "no")
    assert statuses(left) == ["skipped", "pending", "pending"]
    assert statuses(moved(left, Way.SKIP_PART, "no")) == ["skipped", "skipped", "pending"]


def test_a_part_at_the_end_that_is_skipped_ends_the_run() -> None:
    start = start_of(down=[step("procedure", "back", is_optional=True)], back=[step("human", "a")])
    assert moved(begin(start), Way.SKIP_PART, "no").phase is RunPhase.FINISHED


def test_the_journal_tells_parts_and_reads_those_of_before_there_were_any() -> None:
    assert from_line(to_line(DOWN)) == DOWN
    entered, skipped = Entered(1.0, "mia", "2"), PartSkipped(1.0, "mia", "2", "no need")
    assert [from_line(to_line(one)) for one in (entered, skipped)] == [entered, skipped]
    row = json.loads(to_line(DOWN))
    for one in row["steps"]:
        one["within"] = [part["title"] for part in one["within"]]
        del one["step"]["is_optional"]
    old = from_line(json.dumps(row).encode())
    assert isinstance(old, Started)
    assert old.steps[1].within == (Part("2", clean("Roll back if needed")),)
    assert part_in_question(advance(begin(old), Ticked(1.0, "mia", 0))) is None


def test_what_people_decide_is_audited_before_it_counts(tmp_path: Path) -> None:
    held = RunStore(tmp_path).start(DOWN)
    records = Records()
    decide(held, [Ticked(101.0, "mia", 0, text="all quiet")], records)
    decide(held, [PartSkipped(102.0, "mia", "2", "the restart has mended it")], records)
    with pytest.raises(ActionError, match=r"step 2\.1 is not next"):
        decide(held, [Skipped(103.0, "mia", 1)], records)
    records.fails_from = 0
    with pytest.raises(ActionError, match="takes nothing"):
        decide(held, [Ticked(104.0, "mia", 4)], records)
    assert statuses(held.run)[4] == "pending"
    held.close()
    about = {"target": "shop/down", "action_id": ID}
    assert records.rows == [
        (Audited.PROCEDURE, {"verb": "tick", "reason": "step 1, Look: all quiet", **about}),
        (
            Audited.PROCEDURE,
            {
                "verb": "skip part",
                "reason": "part 2, Roll back if needed (steps 2.1 to 2.3, gates too): "
                "the restart has mended it",
                **about,
            },
        ),
    ]


def test_of_a_decision_that_cannot_happen_as_a_whole_nothing_is_written_down(
    tmp_path: Path,
) -> None:
    held, records = RunStore(tmp_path).start(DOWN), Records()
    possible, impossible = Ticked(101.0, "mia", 0), Ticked(101.0, "mia", 4)
    with pytest.raises(ActionError, match="step"):
        decide(held, [possible, impossible], records)
    assert records.rows == []
    assert held.run == RunStore(tmp_path).read(held.run.id)
    assert statuses(held.run)[0] == "pending"
    held.close()


def test_a_run_that_cannot_begin_is_not_audited(tmp_path: Path) -> None:
    records = Records()
    with pytest.raises(ActionError):
        started(replace(DOWN, steps=()), RunStore(tmp_path), records)
    assert records.rows == []


def test_a_run_that_cannot_be_kept_is_audited_as_not_begun(tmp_path: Path) -> None:
    records = Records()
    (tmp_path / "runs").write_text("no folder")
    with pytest.raises(ActionError, match="nothing can be kept"):
        started(DOWN, RunStore(tmp_path / "runs"), records)
    assert [fields["verb"] for _, fields in records.rows] == ["begin", "begin failed"]
    assert "nothing can be kept" in str(records.rows[-1][1]["reason"])


@pytest.mark.parametrize("way", list(Way))
def test_every_way_of_a_run_has_words_in_the_audit_log(way: Way) -> None:
    run = begin(DOWN)
    if way in {Way.SKIP_PART, Way.GO_ON}:
        run = asked()
    event = event_of(run, Move(way, "why"), 1.0, "mia")
    assert event is not None
    assert record_of(run, event).get("verb")


def test_what_a_later_step_is_done_with_is_said_when_it_was_looked_up() -> None:
    run = moved(asked(), Way.GO_ON)
    move = Move(Way.TICK, "the one before", 1, is_seen=True, given=(("2.2.to", "abc"),))
    for event in events_of(run, move, 106.0, "mia"):
        assert from_line(to_line(event)) == event
        run = advance(run, event)
    assert run.steps[2].step.inputs == (("to", "abc"),)
    assert statuses(run)[1:3] == ["ticked", "pending"]
    run = advance(run, Began(107.0, "mia", 2, "A1"))
    with pytest.raises(ActionError, match=r"step 2\.2 is running"):
        advance(run, Given(108.0, "mia", (("2.2.to", "other"),)))
    with pytest.raises(ActionError, match="is no input of a step"):
        advance(run, Given(108.0, "mia", (("2.1.to", "other"),)))
