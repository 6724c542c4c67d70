"""A new key is taken once, by one of two who ask, and only where nobody else could read it."""

from pathlib import Path

import pytest

from core.clients.acting.key_store import REVEAL
from core.errors import ClientDenied, ClientMissing
from core.keys.reveal import take, waits


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / REVEAL
    found.write_text("key_x\n", "utf-8")
    found.chmod(0o600)
    return found


def test_it_is_taken_once(path: Path) -> None:
    assert waits(path.parent)
    assert take(path).reveal() == "key_x"
    assert not list(path.parent.iterdir())
    assert not waits(path.parent)
    with pytest.raises(ClientMissing):
        take(path)


def test_what_others_could_read_is_removed_and_not_shown(path: Path) -> None:
    path.chmod(0o644)
    with pytest.raises(ClientDenied, match="rotate it"):
        take(path)
    assert not list(path.parent.iterdir())
