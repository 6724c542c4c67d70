"""Keeps the memory of this process out of files: it holds secrets in the clear."""

import resource
from contextlib import suppress


def forbid_core_dumps() -> None:
    """Have no core file written when this process dies.

    Only the soft limit: a service that is started from here may raise it again to what it was.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
