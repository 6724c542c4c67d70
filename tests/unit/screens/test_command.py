"""What is offered to go on with a command line can be told apart before it is chosen."""

import pytest

from screens.command import Completion, completion_line, name_cells
from widgets.present.fitting import width_of

SERVICES = tuple(
    Completion(f"services cost-dashboard/{name}", "Show Services")
    for name in ("api", "supabase-project", "supabase", "anthropic")
)
OFFERS = tuple(
    Completion(f"do backup.create decision-engine/{name}", f"Copy {name}")
    for name in ("api-keys", "analytics", "whole-project")
)
PLAIN = (Completion("logs", "Show Logs", "3"), Completion("theme", "Choose the colours"))


def told(completions: tuple[Completion, ...], width: int) -> list[str]:
    names = name_cells(completions, width)
    rows = [completion_line(one, width, names, is_chosen=False) for one in completions]
    assert all(width_of(one) <= width for one in rows)
    return ["".join(part.text for part in one) for one in rows]


@pytest.mark.parametrize("completions", [SERVICES, OFFERS])
def test_names_that_differ_at_their_ends_are_shown_to_their_ends(
    completions: tuple[Completion, ...],
) -> None:
    for row, one in zip(told(completions, 80), completions, strict=True):
        assert f" {one.command} " in row


def test_what_a_command_does_begins_in_one_column_and_stays_beside_the_longest_name() -> None:
    rows = told((Completion(f"do {'x' * 90}", "Copy it"), *OFFERS), 80)
    assert len({row.index("Copy") for row in rows}) == 1
    assert "…" in rows[0]


def test_short_names_leave_the_room_to_what_they_do() -> None:
    assert told(PLAIN, 80)[0].startswith("  logs" + " " * 22 + "Show Logs  3")
