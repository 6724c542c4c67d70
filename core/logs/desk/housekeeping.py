"""Looks at the files that the logs of systems are kept in. Blocking, bounded; changes none."""

from collections.abc import Callable, Sequence
from typing import Protocol

from core.logs.desk.orders import Keep
from core.logs.keeping.claims import claims_of, rules_of
from core.logs.keeping.listing import folders_of, read_log_files
from core.logs.keeping.overview import SystemFiles, overview
from core.model.log_keeping import LogKeeping
from core.model.text import SafeText
from core.model.topology import SystemSpec


class House(Protocol):
    """What knows how logs are kept."""

    def read(self, now_s: float, cancelled: Callable[[], bool]) -> LogKeeping:
        """Return files, classes and totals; what could not be looked at is among them."""
        ...


class Housekeeping:
    """What is kept of the logs of these systems.

    Args:
        systems: Whose logs; those without a log in a file have nothing to be kept.
    """

    def __init__(self, systems: Sequence[SystemSpec] = ()) -> None:
        self._systems = tuple(systems)

    def read(self, now_s: float, cancelled: Callable[[], bool]) -> LogKeeping:
        """Return files, classes and totals; what could not be looked at is among them."""
        found: list[SystemFiles] = []
        for system in self._systems:
            rules, claims = rules_of(system), claims_of(system)
            if not claims:
                continue
            listing = read_log_files(folders_of(claims), claims, rules, cancelled=cancelled)
            found.append(SystemFiles(system.name, listing, rules))
        return overview(found, now_s)


class Keeping:
    """What is known of how logs are kept, while somebody wants to know it.

    Args:
        house: Looks at files.
        now_s: The present moment, seconds since 1970.
        is_interrupted: Whether another order waits: a look ends early, and is forgotten.
        tell: Called when other things are known.
    """

    def __init__(
        self,
        house: House,
        now_s: Callable[[], float],
        is_interrupted: Callable[[], bool],
        tell: Callable[[], None],
    ) -> None:
        self._house = house
        self._now_s = now_s
        self._is_interrupted = is_interrupted
        self._tell = tell
        self.found: LogKeeping | None = None
        """What was found; None: nobody asks. While it is looked again, what is known stays."""

    def carry_out(self, order: Keep) -> None:
        """Look at the files, or forget them."""
        self.found = (self.found or LogKeeping()) if order.is_wanted else None
        self._tell()
        if order.is_wanted:
            found = self._house.read(self._now_s(), self._is_interrupted)
            # What was broken off answers nobody: the order that did so has an answer of its own.
            if not self._is_interrupted():
                self.found = found
                self._tell()

    def give_up(self, why: SafeText) -> None:
        """Say that nothing was found, and why."""
        self.found = LogKeeping(self._now_s(), is_complete=False, note=why)
        self._tell()
