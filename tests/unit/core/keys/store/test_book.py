"""What a store is concluded to be: the recorded files, odd files, and files that move."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from core.clients.key_files import KeyFiles
from core.clients.key_server import ServerFile
from core.model.key_store import ApiKey, KeyShape, KeyStoreView, StoreState
from core.model.text import clean
from tests.unit.core.keys.store.odd_json import files
from tests.unit.core.keys.store.scene import DATA, IDS, K1, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def key_of(view: KeyStoreView, key: str) -> ApiKey:
    (found,) = (one for one in view.keys if one.short_id == IDS.short_id(key))
    return found


def said(view: KeyStoreView) -> str:
    return "\n".join(view.findings)


def test_the_real_store_has_four_keys_three_active_a_sample_and_an_unknown_tier(
    scene: Scene,
) -> None:
    scene.put("api_keys_a_real.json")
    view = scene.book().look()
    assert view.state is StoreState.READ
    assert (len(view.keys), sum(key.is_active for key in view.keys)) == (4, 3)
    assert key_of(view, "dev_key_123").findings[0].startswith("sample key is live")
    assert "everybody knows" in said(view)
    assert [key.tier for key in view.keys if not key.is_tier_known] == ["platinum"]
    assert view.files[0].shape is KeyShape.BY_KEY
    assert view.files[1].state is StoreState.MISSING


def test_the_file_that_the_server_reads_counts_and_the_other_one_is_a_split_store(
    scene: Scene,
) -> None:
    scene.put("api_keys_a_real.json")
    scene.put("root_api_keys.json", scene.also)
    scene.server = ServerFile(str(scene.path), clean("pid 7 runs in api"))
    view = scene.book().look()
    key = key_of(view, K1)
    assert key.is_active
    assert key.differs == ("api_keys.json: inactive",)
    assert view.findings[0].startswith("split store: api/api_keys.json and api_keys.json differ")
    assert "1 still active in api/api_keys.json; the server reads api/api_keys.json" in said(view)
    scene.server = ServerFile(str(scene.also), clean("pid 7 runs in the root"))
    assert not key_of(scene.book().look(), K1).is_active


def test_where_the_server_cannot_be_seen_the_split_is_told_with_the_reason(scene: Scene) -> None:
    scene.put("api_keys_a_real.json")
    scene.put("root_api_keys.json", scene.also)
    view = scene.book().look()
    assert "which of them the server reads is not known: nobody asked" in said(view)
    assert [file.is_server_file for file in view.files] == [None, None]


def test_a_file_that_only_the_servers_process_names_is_read_too(scene: Scene) -> None:
    scene.put("api_keys_a_real.json")
    elsewhere = scene.put("api_keys_empty.json", scene.folder / "other.json")
    scene.server = ServerFile(str(elsewhere), clean("pid 7 with API_KEYS_FILE set"))
    view = scene.book().look()
    assert view.state is StoreState.EMPTY
    assert [file.is_server_file for file in view.files] == [False, False, True]


def test_a_hashed_key_that_has_expired_is_not_active_whatever_its_flag_says(scene: Scene) -> None:
    scene.put("api_keys_b_hashed_list.json")
    view = scene.book().look()
    (key,) = view.keys
    assert view.files[0].shape is KeyShape.HASHED
    assert not key.is_active
    assert key.findings[0] == "expired although active"
    assert (key.masked, key.name) == ("ak_f…····", "ci")


def test_a_corrupt_store_is_unreadable_and_its_newest_good_copy_is_named(scene: Scene) -> None:
    scene.put("api_keys_corrupt.json")
    good = scene.put("api_keys_a_real.json", scene.folder / "good.json")
    bad = scene.put("api_keys_corrupt.json", scene.folder / "bad.json")
    scene.copies = [str(bad), str(good)]
    view = scene.book().look()
    assert view.state is StoreState.UNREADABLE
    assert view.files[0].keys is None
    assert view.read_at is None
    assert "nothing is written to it" in said(view)
    assert str(good) in said(view)
    assert "dev_key_123" not in repr(view)


def test_an_empty_store_has_no_keys_and_a_missing_one_is_missing(scene: Scene) -> None:
    assert scene.book().look().state is StoreState.MISSING
    scene.put("api_keys_empty.json")
    view = scene.book().look()
    assert (view.state, view.files[0].keys) == (StoreState.EMPTY, 0)


def test_usage_of_this_month_counts_and_last_months_does_not(scene: Scene) -> None:
    scene.put("api_keys_a_real.json")
    scene.put("rate_limits.json", scene.path.parent / "rate_limits.json")
    view = scene.book().look()
    k1, k2 = key_of(view, K1), next(key for key in view.keys if key.tier == "free")
    assert (k1.used_month, k1.used_today, k1.percent) == (9400, 2, 94.0)
    assert k1.findings == ("near quota (94 %)",)
    assert k2.findings == ("over quota (130 %)",)
    dev = key_of(view, "dev_key_123")
    assert dev.used_month is None
    assert "unused for 90 days" not in dev.findings


def test_analytics_are_those_of_the_recorded_file(scene: Scene) -> None:
    scene.put("api_keys_a_real.json")
    scene.put("api_analytics.json", scene.path.parent / "api_analytics.json")
    seen = scene.book().look().analytics
    assert seen is not None
    assert (seen.total, seen.succeeded) == (120, 96)
    assert (seen.p50_ms, seen.p95_ms, seen.p99_ms) == (35.653, 131.912, 175.303)
    assert sum(refused for _, _, refused in seen.by_key) == 16
    scene.put("api_analytics_empty.json", scene.path.parent / "api_analytics.json")
    seen = scene.book().look().analytics
    assert seen is not None
    assert (seen.total, seen.p50_ms, seen.note) == (0, None, "no requests are recorded")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"null", b'{"a": {}, "a": {}}', b'{"key\0": 1}', b" " * (17 * 1024**2),
        '{"key_é": {"active": true}}'.encode("latin-1"), b"\xff\xfe{\x00}\x00", b"3", b"[" * 9999,
    ],
)  # fmt: skip
def test_odd_bytes_are_unreadable_now_and_what_was_read_last_stays(
    scene: Scene, data: bytes
) -> None:
    scene.put("api_keys_a_real.json")
    book = scene.book()
    before = book.look()
    scene.path.write_bytes(data)
    after = book.look()
    assert after.state is StoreState.UNREADABLE
    assert after.why
    assert [key.short_id for key in after.keys] == [key.short_id for key in before.keys]
    assert after.read_at == before.read_at
    assert after.loss is None
    assert scene.book().look().state is StoreState.UNREADABLE
    assert scene.path.read_bytes() == data


def test_what_is_no_regular_file_is_refused_and_never_waited_for(scene: Scene) -> None:
    for make in (os.mkfifo, os.mkdir):
        make(scene.path)
        view = scene.book().look()
        assert view.state is StoreState.UNREADABLE
        assert "is a" in view.why
        scene.path.rmdir() if scene.path.is_dir() else scene.path.unlink()
    scene.path.symlink_to(scene.folder / "nowhere")
    assert scene.book().look().state is StoreState.MISSING
    scene.path.unlink()
    scene.path.symlink_to(scene.path)
    assert scene.book().look().state in {StoreState.UNREADABLE, StoreState.MISSING}
    scene.path.unlink()
    scene.path.symlink_to("/etc/passwd")
    view = scene.book().look()
    assert view.state is StoreState.UNREADABLE
    assert "root:x" not in repr(view)


def test_a_link_is_followed_once_to_its_target(scene: Scene) -> None:
    scene.put("api_keys_a_real.json", scene.folder / "real.json")
    scene.path.symlink_to(scene.folder / "real.json")
    assert len(scene.book().look().keys) == 4


def test_a_shape_that_nobody_knows_is_read_only_with_the_reason(scene: Scene) -> None:
    scene.path.write_text('{"openai": "sk-aaaa", "stripe": "sk-bbbb"}')
    view = scene.book().look()
    assert (view.state, view.keys) == (StoreState.READ_ONLY, ())
    assert "secrets by their names" in view.why
    scene.path.write_text('[{"key": "key_aaaaaaaaaaaaaaaaaaaaaa", "status": "frozen"}]')
    view = scene.book().look()
    assert (view.state, len(view.keys)) == (StoreState.READ_ONLY, 1)
    assert "`status`" in view.why


@pytest.mark.parametrize("kind", ["redis", "sqlite", "http"])
def test_other_kinds_of_stores_say_that_they_are_not_read(scene: Scene, kind: str) -> None:
    view = scene.book(kind=kind).look()
    assert view.state is StoreState.READ_ONLY
    assert "not read" in view.why


def test_modes_and_a_git_tree_are_findings(scene: Scene) -> None:
    scene.put("api_keys_a_real.json")
    scene.path.chmod(0o664)
    (scene.folder / ".git").mkdir()
    text = said(scene.book().look())
    assert "written by others" in text
    assert "read by everybody (0664" in text
    assert "lies in a git tree" in text
    scene.path.chmod(0o640)
    ignored = KeyFiles(is_ignored=lambda _: True, is_mounted=lambda _: True)
    view = scene.book(ignored).look()
    assert "read by its group (0640" in said(view)
    assert "git" not in said(view)
    assert view.files[0].is_bind_mount


def test_nothing_is_read_again_where_nothing_has_changed(scene: Scene) -> None:
    scene.put("api_keys_a_real.json")
    reads: list[str] = []

    class Counting(KeyFiles):
        def read(self, path: str, *rest: object) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
            reads.append(path)
            return super().read(path, *rest)  # pyright: ignore[reportArgumentType]

    book = scene.book(Counting())
    first = book.look()
    count = len([path for path in reads if path == str(scene.path)])
    assert book.look() is first
    assert len([path for path in reads if path == str(scene.path)]) == count == 1


def test_a_store_that_is_rewritten_in_place_never_seems_to_have_lost_its_keys(
    scene: Scene,
) -> None:
    whole = (DATA / "api_keys_a_real.json").read_bytes()
    scene.path.write_bytes(whole)
    book = scene.book(KeyFiles())
    assert len(book.look().keys) == 4
    is_over = threading.Event()

    def rewrite() -> None:
        for _ in range(1500):
            with scene.path.open("wb") as file:
                file.write(whole[:200])
                file.flush()
                file.write(whole[200:])
        is_over.set()

    writer = threading.Thread(target=rewrite)
    writer.start()
    looks = 0
    while not is_over.is_set() or looks < 20:
        view = book.look()
        looks += 1
        assert len(view.keys) == 4
        assert view.state in {StoreState.READ, StoreState.UNREADABLE}
        assert view.loss is None
    writer.join()
    assert book.look().state is StoreState.READ


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=files())
def test_no_file_of_any_json_brings_a_look_down_or_is_changed_by_it(
    scene: Scene, data: bytes
) -> None:
    scene.path.write_bytes(data)
    view = scene.book().look()
    assert view.state in StoreState
    assert scene.path.read_bytes() == data
    assert (view.state is StoreState.READ) == (bool(view.keys) and not view.why)
