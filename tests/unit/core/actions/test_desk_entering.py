"""A secret that was entered lies in a private file for as long as its action needs it."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.desk_entering import forget_entered, keep_entered, path_of
from core.errors import ActionError
from core.model.action import ActionRequest, Phase
from core.model.action_state import ActionState
from core.model.secret import Secret
from tests.unit.core.actions.test_desk import Front

VALUE = "sk-never-shown-7f2c"
REQUEST = ActionRequest("secret.set", "shop/env", (("name", "API_KEY"), ("value", "")))
NOW_S = 1_772_000_000.0


def kept(folder: Path) -> tuple[ActionRequest, Path]:
    request = keep_entered(REQUEST, Secret(VALUE), folder / "entered", NOW_S)
    path = path_of(request)
    assert path is not None
    return request, path


def state_of(tmp_path: Path, request: ActionRequest, phase: Phase) -> ActionState:
    (tmp_path / "front").mkdir()
    front = Front(tmp_path / "front")
    state = front.desk.shelf.state(front.plan().id)
    return replace(state, plan=replace(state.plan, request=request), phase=phase, is_audited=True)


def test_the_file_is_private_and_the_request_has_its_path_alone(tmp_path: Path) -> None:
    request, path = kept(tmp_path)
    assert path.read_text("utf-8") == f"{VALUE}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert request.inputs == (("name", "API_KEY"), ("value", f"file:{path}"))


def test_where_it_cannot_be_kept_nothing_is_said_of_it(tmp_path: Path) -> None:
    (tmp_path / "entered").write_bytes(b"")
    with pytest.raises(ActionError, match="cannot be kept") as told:
        kept(tmp_path)
    assert VALUE not in str(told.value)


@pytest.mark.parametrize(
    ("phase", "is_there"),
    [(Phase.RUNNING, True), (Phase.NEEDS_HUMAN, True), (Phase.COMMITTED, False),
     (Phase.ROLLED_BACK, False)],
)  # fmt: skip
def test_it_goes_when_its_action_has_ended(tmp_path: Path, phase: Phase, is_there: bool) -> None:
    request, path = kept(tmp_path)
    forget_entered(path.parent, [state_of(tmp_path, request, phase)], NOW_S)
    assert path.exists() is is_there


def test_it_goes_when_nobody_says_yes(tmp_path: Path) -> None:
    _, path = kept(tmp_path)
    made_s = path.stat().st_mtime
    forget_entered(path.parent, [], made_s + 60)
    assert path.exists()
    forget_entered(path.parent, [], made_s + 3600)
    assert not path.exists()
    _, path = kept(tmp_path)
    forget_entered(path.parent, [], made_s, {path})
    assert not path.exists()
