"""An action in full: what it did stands there to the end."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bench.scene_actions import states
from core.model.text import SafeText, clean
from widgets.present.actions import action_lines
from widgets.present.fitting import width_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PATH = f"/srv/{'systems/' * 8}decision-engine/backups/api_keys_20260314.json"


@pytest.mark.parametrize("width", [38, 80, 120])
def test_a_path_without_room_is_there_to_its_end_in_the_title_the_step_and_what_it_says(
    width: int,
) -> None:
    one = states(NOW.timestamp())[0]
    told = clean(f"copy API keys to {PATH}")
    first = replace(one.plan.steps[0], title=told)
    plan = replace(one.plan, title=told, steps=(first, *one.plan.steps[1:]), radius=())
    said = replace(one.steps[0], text=SafeText(told))
    state = replace(one, plan=plan, steps=(said, *one.steps[1:]))
    lines = action_lines(state, None, width, NOW, "")
    assert max(map(width_of, lines)) <= width
    texts = ("".join(part.text for part in row) for row in lines)
    assert "".join("".join(texts).split()).count(PATH) == 3
