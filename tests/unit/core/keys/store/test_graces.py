"""Graces as they are looked at: until when, by what, and what is wrong once they are over."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.clients.key_state import append_private
from core.clients.process_runs import own_run
from core.clients.waits import Wait, Waits
from core.keys.store.ends import End, moment_text, struck_line
from core.keys.store.graces import Graces
from core.keys.store.rows import KeyRows
from core.model.key_store import ApiKey, KeyStoreView
from core.model.text import EMPTY, clean
from tests.unit.core.keys.store.scene import IDS, K1, NOW, Scene

ORDER = "0123456789abcdef"
LATER, BEFORE = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path)
    made.put("api_keys_a_real.json")
    return made


def look(scene: Scene) -> tuple[KeyStoreView, ApiKey]:
    """Return the store, and its key that has a grace."""
    graces = Graces(scene.folder / "keys", "engine", "api-keys")
    view = scene.book(graces=graces.look).look()
    (key,) = (one for one in view.keys if one.short_id == IDS.short_id(K1))
    return view, key


def note(scene: Scene, line: str) -> None:
    append_private(scene.folder / "keys" / "engine" / "api-keys.due", f"{line}\n".encode())


def wait_for(scene: Scene, at: datetime, said: str = "") -> None:
    note(scene, End(IDS.mark(K1), moment_text(at), ORDER).line)
    own = own_run()
    who = (own.pid, own.start_ticks, own.boot_id)
    Waits(scene.folder / "keys").write(
        Wait(ORDER, "01ROTATION", "engine", "api-keys", moment_text(at), "", *who, said)
    )


def test_a_grace_says_what_ends_it(scene: Scene) -> None:
    wait_for(scene, LATER)
    view, key = look(scene)
    assert (key.grace_until, key.grace_by) == (LATER, f"the process {own_run().pid}")
    assert (view.overdue, [one for one in key.findings if "grace" in one]) == (0, [])


def test_a_grace_for_which_nothing_waits_is_a_finding_before_its_end(scene: Scene) -> None:
    note(scene, End(IDS.mark(K1), moment_text(LATER), ORDER).line)
    _, key = look(scene)
    assert "nothing waits for it any more: key.end ends it then" in key.findings[0]


def test_a_grace_that_is_over_is_a_finding_of_key_and_store_until_it_is_ended(
    scene: Scene,
) -> None:
    wait_for(scene, BEFORE, "new key: k-123456 was never used")
    view, key = look(scene)
    assert view.overdue == 1
    assert key.findings[0].endswith("still live (new key: k-123456 was never used)")
    assert "1 key that had a grace is still live: key.end" in view.findings
    note(scene, struck_line(IDS.mark(K1)))
    view, key = look(scene)
    assert (view.overdue, key.grace_until) == (0, None)


async def test_a_view_becomes_another_when_a_grace_is_over_and_no_file_is(scene: Scene) -> None:
    at = NOW + timedelta(minutes=5)
    wait_for(scene, at)
    graces = Graces(scene.folder / "keys", "engine", "api-keys")
    book = scene.book(graces=graces.look)
    first = book.look()
    assert book.look() is first
    await scene.clock.advance(301.0)
    assert (first.overdue, book.look().overdue) == (0, 1)


def row(place: int) -> ApiKey:
    return ApiKey(f"k-{place}", EMPTY, clean("pro"), True, None, True)


def test_rows_are_made_when_they_are_looked_at_and_once() -> None:
    made: list[int] = []

    def make(place: int) -> ApiKey:
        made.append(place)
        return row(place)

    rows = KeyRows(100_000, make)
    assert len(rows) == 100_000
    assert [one.short_id for one in rows[:2]] == ["k-0", "k-1"]
    assert rows[-1].short_id == "k-99999"
    assert rows[0] is rows[0]
    assert made == [0, 1, 99_999]
    assert KeyRows(2, row) == (row(0), row(1))
    assert KeyRows(2, row) != KeyRows(2, row)
