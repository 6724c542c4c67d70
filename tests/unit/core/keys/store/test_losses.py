"""Keys that vanish: noticed at once, across restarts, and not where an action took them."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from core.keys.store.sidecar import Sidecar
from core.model.key_store import StoreState
from tests.unit.core.keys.store.scene import IDS, K1, NOW, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene(tmp_path)
    scene.put("api_keys_a_real.json")
    return scene


def without(scene: Scene, *keys: str) -> None:
    held = json.loads(scene.path.read_text())
    scene.path.write_text(json.dumps({key: one for key, one in held.items() if key not in keys}))


def test_a_key_that_vanishes_is_a_loss_until_it_is_back(scene: Scene) -> None:
    book = scene.book()
    assert book.look().loss is None
    whole = scene.path.read_bytes()
    scene.copies = [str(scene.put("api_keys_a_real.json", scene.folder / "copy.json"))]
    without(scene, K1)
    loss = book.look().loss
    assert loss is not None
    assert (loss.count, loss.short_ids, loss.noticed) == (1, (IDS.short_id(K1),), NOW)
    assert loss.backup == "copy.json"
    assert book.look().loss == loss
    scene.path.write_bytes(whole)
    assert book.look().loss is None


async def test_a_loss_is_noticed_by_the_next_console_and_keeps_its_moment(scene: Scene) -> None:
    scene.book().look()
    without(scene, K1, "dev_key_123")
    await scene.clock.advance(60)
    first = scene.book().look().loss
    await scene.clock.advance(60)
    assert first is not None
    assert first.count == 2
    assert first.noticed == NOW + timedelta(seconds=60)
    assert scene.book().look().loss == first


def test_a_wiped_store_has_lost_all_and_a_removed_one_too(scene: Scene) -> None:
    book = scene.book()
    book.look()
    scene.path.write_text("{}")
    loss = book.look().loss
    assert loss is not None
    assert loss.count == 4
    scene.path.unlink()
    view = book.look()
    assert (view.state, view.loss) == (StoreState.MISSING, loss)


def test_a_torn_store_has_lost_nothing(scene: Scene) -> None:
    book = scene.book()
    book.look()
    scene.path.write_bytes(scene.path.read_bytes()[:100])
    assert book.look().loss is None


def test_what_an_action_takes_away_is_no_loss_but_losing_it_again_is(scene: Scene) -> None:
    sidecar = Sidecar(scene.folder / "state", "engine", "api-keys")
    book = scene.book()
    book.look()
    whole = scene.path.read_bytes()
    sidecar.note_removed([IDS.mark(K1)], NOW)
    without(scene, K1)
    assert book.look().loss is None
    scene.path.write_bytes(whole)
    book.look()
    book = scene.book()
    book.look()
    known = sidecar.read(str(scene.path))
    assert known is not None
    assert sidecar.removed(NOW + timedelta(hours=1)) == frozenset()


async def test_a_loss_that_was_read_is_quiet_until_more_is_lost(scene: Scene) -> None:
    book = scene.book()
    book.look()
    without(scene, K1)
    loss = book.look().loss
    assert loss is not None
    assert not loss.is_dismissed
    book.dismiss(loss.noticed, "ada")
    for one in (book, scene.book()):
        read = one.look().loss
        assert read is not None
        assert (read.is_dismissed, read.count, read.backup) == (True, 1, loss.backup)
    await scene.clock.advance(60)
    without(scene, K1, "dev_key_123")
    more = book.look().loss
    assert more is not None
    assert (more.is_dismissed, more.count) == (False, 2)
    (kept,) = (scene.folder / "state").rglob("*.dismissed")
    assert kept.read_text("ascii").split()[2] == "ada"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_neither_the_state_folder_nor_a_view_holds_a_key(scene: Scene) -> None:
    view = scene.book().look()
    without(scene, K1)
    lost = scene.book().look()
    written = b"".join(one.read_bytes() for one in (scene.folder / "state").rglob("*.json"))
    assert written
    for key in ("dev_key_123", K1, K1[:12]):
        assert key.encode() not in written
        assert key not in repr((view, lost))
    assert all(one.stat().st_mode & 0o077 == 0 for one in (scene.folder / "state").rglob("*"))
