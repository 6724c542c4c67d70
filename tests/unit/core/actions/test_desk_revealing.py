"""A new key is shown to one person, who is in the audit log before they see it."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.audit.record import Event
from core.actions.desk_revealing import reveal, waiting_keys
from core.clients.acting.key_store import REVEAL
from core.errors import ActionError
from core.model.action import ActionRequest, Phase
from tests.unit.core.actions.test_desk import Front

KEY = "key_Zr81xkQ9fAhR31c-w_Xe0aBcDeFgHiJkLmNoPqRsTuV"


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return Front(tmp_path)


def left(front: Front) -> tuple[str, Path]:
    """Have an action that ended and left a key."""
    plan = front.plan()
    place = front.stage.folder / "actions" / plan.id / REVEAL
    place.write_text(KEY, "utf-8")
    place.chmod(0o600)
    return plan.id, place


def test_who_is_shown_a_key_is_written_down_first_and_only_one_is(front: Front) -> None:
    action_id, place = left(front)
    assert reveal(front.desk, action_id).reveal() == KEY
    event, more = front.stage.records.rows[-1]
    assert (event, more["action_id"], more["result"]) == (Event.REVEAL, action_id, "on a screen")
    assert KEY not in repr(front.stage.records.rows)
    assert not place.exists()
    with pytest.raises(ActionError, match="shown already"):
        reveal(front.desk, action_id)
    assert front.events.count(Event.REVEAL) == 1
    assert "shown already" in front.reasons[-1]


def test_without_an_audit_log_nothing_is_taken(front: Front) -> None:
    action_id, place = left(front)
    front.stage.records.fails_from = len(front.stage.records.rows)
    with pytest.raises(ActionError, match="takes nothing"):
        reveal(front.desk, action_id)
    assert place.read_text("utf-8") == KEY


def test_whoever_may_not_make_keys_is_shown_none(front: Front) -> None:
    action_id, place = left(front)
    front.said.against_plan = "operators may not"
    with pytest.raises(ActionError, match="operators may not"):
        reveal(front.desk, action_id)
    assert place.exists()
    assert front.events[-1] is Event.DENIED


def test_what_others_could_read_is_not_shown(front: Front) -> None:
    action_id, place = left(front)
    place.chmod(0o644)
    with pytest.raises(ActionError, match="rotate it"):
        reveal(front.desk, action_id)
    assert not place.exists()


def test_keys_wait_only_where_an_ended_action_has_left_one(front: Front) -> None:
    action_id, place = left(front)
    state = front.desk.shelf.state(action_id)
    request = ActionRequest("key.generate", "shop/keys", (("to", REVEAL),))
    state = replace(state, plan=replace(state.plan, request=request))
    assert waiting_keys(front.desk.shelf, [state]) == ()
    ended = replace(state, phase=Phase.COMMITTED, ended_s=7.0)
    (found,) = waiting_keys(front.desk.shelf, [ended])
    assert (found.action_id, found.made_s, found.chars) == (action_id, 7.0, len(KEY))
    place.unlink()
    assert waiting_keys(front.desk.shelf, [ended]) == ()
