"""What keeps a terminal: a tmux says by its socket whether anybody is attached."""

import socket
from pathlib import Path

from core.clients.recorders import is_detached


def test_a_tmux_is_detached_while_its_socket_may_not_be_executed(tmp_path: Path) -> None:
    path = tmp_path / "default"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(0o660)
        assert is_detached(f"{path},123,0")
        path.chmod(0o770)
        assert not is_detached(f"{path},123,0")


def test_where_there_is_no_tmux_nobody_is_detached(tmp_path: Path) -> None:
    assert not is_detached("")
    assert not is_detached(f"{tmp_path}/gone,123,0")
