"""Which programs stand between this process and the person: some of them keep what is shown."""

import os
import stat
from collections.abc import Iterator

_MOST = 64
"""A chain of parents is never longer; a table that changes while it is read could be."""


def programs_above(pid: int | None = None) -> Iterator[str]:
    """Yield the names of our parents, the nearest first, as far as they can be seen. Blocking.

    Args:
        pid: Where to begin; None: at our parent.
    """
    at = os.getppid() if pid is None else pid
    for _ in range(_MOST):
        if at < 1:
            return
        try:
            with open(f"/proc/{at}/stat", "rb") as file:  # noqa: PTH123
                said = file.read(4096)
        except OSError:
            return
        # The name is in brackets, and may have some itself.
        name, _, rest = said.partition(b"(")[2].rpartition(b")")
        yield name.decode("utf-8", "replace")
        at = int(rest.split()[1])


def is_detached(tmux: str) -> bool:
    """Tell whether nobody is attached to a tmux, which draws all it has for whoever comes next.

    tmux says so by its socket: it may be executed while somebody is attached.

    Args:
        tmux: The variable `TMUX`: the socket, a comma, and more; empty: there is no tmux.
    """
    path = tmux.partition(",")[0]
    try:
        return bool(path) and not os.stat(path).st_mode & stat.S_IXUSR  # noqa: PTH116
    except OSError:
        return False
