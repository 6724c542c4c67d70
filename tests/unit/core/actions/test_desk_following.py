"""Looking on at an action from outside: every change, and every line that it printed."""

import asyncio
from pathlib import Path
from typing import Any, cast

from core.actions.desk_following import follow
from core.actions.folder import FolderWork
from core.actions.shelf import Shelf
from core.model.action import Phase
from core.model.action_state import ActionState
from core.model.text import clean
from tests.unit.core.actions.stage import Stage


class Desk:
    """The part of a desk that looking on asks."""

    def __init__(self, stage: Stage) -> None:
        self.shelf = Shelf(stage.folder / "actions", lambda _run: False)


def test_an_action_that_printed_very_much_is_shown_to_its_last_line(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    work = FolderWork(stage.action)
    for number in range(80):
        work.say(clean(f"{number} {'x' * 8_000}"))
    stage.confirm(plan)
    stage.execute()
    told: list[str] = []

    def tell(_state: ActionState, text: str) -> None:
        told.append(text)

    state = asyncio.run(follow(cast(Any, Desk(stage)), plan.id, tell))
    assert state.phase is Phase.COMMITTED
    assert "".join(told) == stage.action.output.read_text("utf-8")
    assert len("".join(told)) > 512 * 1024
