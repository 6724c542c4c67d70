"""Books of what is configured: git asked, copies found, the console's own trouble told."""

import json
import subprocess
import threading
from pathlib import Path

import pytest

from core.clients.acting.key_store_copies import StoreCopies
from core.clients.clock import SystemClock
from core.keys.ids import keys_folder
from core.model.key_spec import KeyStoreSpec
from core.model.key_store import KeyStoreView
from core.model.operation import BackupSpec, OperationsSpec
from core.model.state import StateFolders
from core.model.topology import Environment, SystemSpec, Topology
from tui.key_books import key_books

KEY = "key_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
STORE = json.dumps({KEY: {"tier": "pro", "active": True}})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    path = tmp_path / "store" / "api_keys.json"
    path.write_text(STORE)
    path.chmod(0o600)
    return tmp_path


def folders_of(folder: Path) -> StateFolders:
    state = folder / "state"
    return StateFolders(state / "actions", state / "procedures", state / "audit", state / "locks")


def look(folder: Path, *backups: BackupSpec) -> KeyStoreView:
    """Look once, in a thread as the console does."""
    topology = Topology(Environment.DEVELOPMENT, False, (SystemSpec("shop", "Shop", "", ()),))
    spec = KeyStoreSpec("api-keys", path=str(folder / "store" / "api_keys.json"))
    own = OperationsSpec("shop", keys=(spec,), backups=backups)
    views: list[KeyStoreView] = []

    def work() -> None:
        (book,) = key_books(topology, {"shop": own}, folders_of(folder), SystemClock())
        views.append(book.look())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return views[0]


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def test_a_store_in_a_git_tree_is_told_unless_git_ignores_it(folder: Path) -> None:
    assert look(folder).findings == ()
    git(folder, "init", "-q")
    assert look(folder).findings == ("api_keys.json lies in a git tree",)
    (folder / ".gitignore").write_text("api_keys.json\n")
    assert look(folder).findings == ()
    git(folder, "add", "-f", "store/api_keys.json")
    assert look(folder).findings == ("api_keys.json lies in a git tree",)


def test_the_newest_good_copy_is_found_among_backups_and_what_actions_kept(folder: Path) -> None:
    path = folder / "store" / "api_keys.json"
    (folder / "backups").mkdir()
    (folder / "backups" / "api_keys_20260301.json").write_text(STORE)
    backup = BackupSpec(
        "api-keys", str(folder / "backups" / "api_keys_%Y%m%d.json"), sources=(str(path),)
    )
    path.write_text("{")
    assert "api_keys_20260301.json" in look(folder, backup).findings[0]
    copies = StoreCopies(keys_folder(folders_of(folder)) / "copies")
    name = copies.keep(str(path), STORE.encode(), "a1", SystemClock().now())
    assert name in look(folder, backup).findings[0]


def test_a_state_folder_that_cannot_be_used_is_told_and_keys_are_shown_all_the_same(
    folder: Path,
) -> None:
    (folder / "state").write_text("no folder")
    view = look(folder)
    assert len(view.keys) == 1
    assert "short ids are of this run only" in view.findings[0]
