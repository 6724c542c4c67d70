"""A plan as it is read: exact, never wider than its room, red only where it is deserved."""

from dataclasses import replace

import pytest

from bench.scene_plans import PLANS, copy_plan, list_plan, restart_plan, restore_plan, stopped_plan
from core.actions.plan_codec import code_of
from core.model.action import Plan, Target
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import Environment
from tests.hostile import CORPUS
from widgets.present.fitting import width_of
from widgets.present.line import Line, Tone
from widgets.present.plan import (
    age_line,
    is_grave,
    lines_to_read,
    more_line,
    phrase_line,
    plan_lines,
    where_line,
)

WIDTHS = (20, 44, 76, 92)


def text(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(part.text for part in one) for one in lines)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("make", PLANS)
def test_no_line_is_wider_than_its_room(make: object, width: int) -> None:
    assert callable(make)
    plan = make()
    assert isinstance(plan, Plan)
    lines = (*plan_lines(plan, width), where_line(plan, code_of(plan), width))
    assert max(map(width_of, lines)) <= width


@pytest.mark.parametrize("environment", list(Environment))
def test_environment_and_host_are_said_in_words(environment: Environment) -> None:
    plan = replace(restart_plan(), environment=environment.value)
    said = text((where_line(plan, "ABCD", 90),))
    assert environment.value.upper() in said
    assert "on ops-1" in said
    assert "ABCD" in said


def test_every_target_of_a_list_is_there_with_their_count() -> None:
    plan = list_plan()
    said = text(plan_lines(plan, 90))
    assert "24 targets" in said
    assert all(one.title in said for one in plan.targets)


@pytest.mark.parametrize("count", [5, 60, 500])
def test_of_many_targets_the_count_and_the_first_stand_before_what_is_done_and_all_at_the_end(
    count: int,
) -> None:
    many = tuple(Target("file", f"/logs/{n}", clean(f"/logs/{n}")) for n in range(count))
    said = text(plan_lines(replace(list_plan(), targets=many), 90)).splitlines()
    assert said[0].split() == ["What", str(count), "targets"]
    assert said[4].strip() == f"and {count - 3} more; all are listed at the end"
    assert said[5].startswith("Does")
    assert [one.split()[-1] for one in said[-count:]] == [one.title for one in many]
    assert said[-count].startswith(f"All {count} ")


def test_few_targets_stand_first_and_nowhere_else() -> None:
    few = tuple(Target("file", f"/logs/{n}", clean(f"/logs/{n}")) for n in range(4))
    said = text(plan_lines(replace(list_plan(), targets=few), 90))
    assert all(said.count(one.title) == 1 for one in few)
    assert "more" not in said


def test_what_is_to_be_typed_is_said_before_it_can_be() -> None:
    for is_taken, first in ((False, "Then to be typed:"), (True, "Type")):
        said = text((phrase_line("restart proxy ABCD", 90, is_taken=is_taken),))
        assert said.startswith(f"{first} restart proxy ABCD")


def test_namesakes_are_told_apart_by_their_id() -> None:
    one = Target("unit", "ops-2:4711", SafeText("gateway-proxy.service"))
    assert "ops-2:4711" in text(plan_lines(replace(restart_plan(), targets=(one,)), 90))


def test_what_forbids_it_stands_on_top() -> None:
    first = text(plan_lines(stopped_plan(), 90)[:3])
    assert "It cannot be done now" in first
    assert "it runs already" in first


def test_steps_without_a_way_back_and_plans_without_one_say_so() -> None:
    assert "there is no way back after this" in text(plan_lines(restart_plan(), 90))
    assert "none: this cannot be undone" in text(plan_lines(restore_plan(), 90))
    assert "no way back" not in text(plan_lines(copy_plan(), 90))


def test_red_is_kept_for_what_deserves_it() -> None:
    for make in PLANS:
        plan = make()
        lines = (*plan_lines(replace(plan, preview=()), 90), where_line(plan, "ABCD", 90))
        is_red = any(part.tone is Tone.DOWN for one in lines for part in one)
        assert is_red <= (is_grave(plan) or plan.is_stopped)


@pytest.mark.parametrize("hostile", CORPUS[:40])
def test_outside_text_stays_in_its_room(hostile: str) -> None:
    plan = restart_plan()
    target = Target("unit", clean(hostile), clean(hostile))
    lines = plan_lines(replace(plan, targets=(target,), radius=(clean(hostile),)), 60)
    assert max(map(width_of, lines)) <= 60


def test_what_is_below_is_counted_and_whether_it_has_to_be_read() -> None:
    def said(below: int, unread: int) -> str:
        return text((more_line(below, unread, 90),)).strip()

    assert said(0, 0) == ""
    assert said(1, 0) == "▼ 1 more line below  ↓"
    assert said(12, 12) == "▼ 12 more lines below, to be read before you can say yes  ↓"
    assert said(20_038, 60) == (
        "▼ 20,038 more lines below, 60 of them to be read before you can say yes  ↓"
    )
    assert said(0, 7) == "▲ 7 lines above, passed over: to be read before you can say yes  ↑"


def test_of_a_very_long_list_of_targets_the_first_have_to_be_read_and_all_before_it() -> None:
    def plan(count: int) -> Plan:
        targets = tuple(Target("key", f"shop/{n}", clean(f"shop/{n}")) for n in range(count))
        return replace(list_plan(), targets=targets)

    for count, left_out in ((1, 0), (30, 0), (100, 0), (101, 1), (20_000, 19_900)):
        lines = plan_lines(plan(count), 90)
        assert lines_to_read(plan(count), len(lines)) == len(lines) - left_out
        skipped = lines[len(lines) - left_out :]
        assert all(text((one,)).strip().startswith("key shop/") for one in skipped)


def test_a_plan_says_how_long_it_holds_and_what_has_to_be_done_first() -> None:
    def said(left_s: float, *, is_armed: bool = True, waits_for: SafeText = EMPTY) -> str:
        return text((age_line(left_s, 90, is_armed=is_armed, waits_for=waits_for),))

    assert "holds for 1 m 59 s" in said(119.5)
    assert "too old" in said(0, is_armed=False)
    assert "Changes are off" in said(60, is_armed=False)
    assert "a second person" in said(60, waits_for=SafeText("a second person has to approve it"))


@pytest.mark.parametrize("width", [44, 76])
def test_a_path_without_room_is_there_to_its_end_wherever_it_says_what_will_be(width: int) -> None:
    path = f"/srv/{'systems/' * 8}decision-engine/backups/api_keys_20260314.json"
    told = clean(f"copy API keys to {path}")
    one = copy_plan()
    steps = (replace(one.steps[0], title=told), *one.steps[1:])
    check = replace(one.preflight[0], text=told)
    lines = plan_lines(
        replace(one, steps=steps, radius=(told,), preview=(told,), preflight=(check,)), width
    )
    assert max(map(width_of, lines)) <= width
    assert "".join(text(lines).split()).count(path) == 4
