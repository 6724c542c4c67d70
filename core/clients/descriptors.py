"""How many files this process may have open at once."""

import resource
from contextlib import suppress


def allow_descriptors(wanted: int) -> None:
    """Let so many files be open, as far as the hard limit lets us; never fewer than before.

    Only the soft limit: mostly 1,024, for programs that use select(), which nothing here does.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or allowed <= soft:
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
