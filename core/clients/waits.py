"""What waits to end a grace: one private file for each, beside what the console knows of keys.

Whoever waits signs it, so that everybody else sees whether anything does. Blocking.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from core.clients.key_state import read_private, replace_private
from core.clients.process_runs import is_alive, own_run, read_boot_id
from core.errors import ClientError, ClientGarbled
from core.model.action_state import ProcessRun
from core.model.text import SafeText, clean

_TRANSIENT = Path("/run/systemd/transient")
_ORDER = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Wait:
    """One end that is waited for."""

    order: str
    """Known to the rotation's plan; hexadecimal."""
    action_id: str
    """The rotation."""
    system: str
    store: str
    at: str
    """ISO 8601, UTC."""
    unit: str = ""
    """The timer's; empty: a process waits."""
    pid: int = 0
    """0: no process has signed."""
    ticks: int = 0
    boot_id: str = ""
    """Of the boot that it waits in: neither processes nor such timers outlive it."""
    said: str = ""
    """Why it was not ended; empty: nothing was tried, or it is done."""

    @property
    def target(self) -> str:
        """The store."""
        return f"{self.system}/{self.store}"

    @property
    def moment(self) -> datetime:
        """When it ends."""
        return datetime.fromisoformat(self.at)

    def is_waited_for(self, transient: Path = _TRANSIENT) -> bool:
        """Tell whether something waits for it now."""
        if self.pid:
            return is_alive(ProcessRun(self.pid, self.ticks, self.boot_id))
        is_timer = bool(self.unit) and (transient / f"{self.unit}.timer").exists()
        return is_timer and self.boot_id == read_boot_id()

    def who(self) -> SafeText:
        """Return what waits."""
        return clean(f"the timer {self.unit}" if self.unit else f"the process {self.pid}")


class Waits:
    """The files of all waits.

    Args:
        folder: Of the console's state about keys.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "ends"

    def read(self, order: str) -> Wait | None:
        """Return a wait; None: there is none, or none that can be read."""
        try:
            data = read_private(self.path(order))
            return None if data is None else _parsed(data)
        except (ClientError, ValueError, TypeError):
            return None

    def write(self, wait: Wait) -> None:
        """Keep a wait, in the place of what was kept of it before.

        Raises:
            ClientError: it cannot be kept.
        """
        replace_private(self.path(wait.order), json.dumps(asdict(wait)).encode())

    def sign(self, order: str) -> Wait | None:
        """Write down that this process waits; None: nobody shall wait any more.

        Raises:
            ClientError: it cannot be written down.
        """
        wait = self.read(order)
        if wait is None:
            return None
        own = own_run()
        signed = replace(wait, pid=own.pid, ticks=own.start_ticks, boot_id=own.boot_id, said="")
        self.write(signed)
        return signed

    def tell(self, order: str, said: str) -> None:
        """Write down why it was not ended."""
        wait = self.read(order)
        if wait is not None:
            self.write(replace(wait, said=str(clean(said, 300))))

    def drop(self, order: str) -> None:
        """Have nobody wait any more."""
        for ending in (".json", ".env", ".log"):
            self.path(order, ending).unlink(missing_ok=True)

    def path(self, order: str, ending: str = ".json") -> Path:
        """Return where a file about a wait lies.

        Raises:
            ClientGarbled: this is no order.
        """
        if not order or not _ORDER.issuperset(order):
            raise ClientGarbled(f"no order of a wait: {clean(order, 40)}")
        return self._folder / f"{order}{ending}"


def _parsed(data: bytes) -> Wait:
    found = cast("Mapping[str, Any]", json.loads(data))
    return Wait(**{name: found[name] for name in Wait.__dataclass_fields__})
