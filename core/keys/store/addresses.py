"""Where requests with each key come from, and which addresses are new. Pure.

New is what was first seen within the last 24 hours by a key that was used before them: of a key,
or a file, that knows nothing older, nothing is new.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from core.model.key_store import KeyAddresses
from core.model.text import EMPTY, SafeText, clean

WINDOW = timedelta(hours=24)
_FIELDS = (
    "client_ip", "ip", "ip_address", "remote_addr", "client_address", "remote_ip", "source_ip",
    "client_host",
)  # fmt: skip
_DISTINCT = 20_000
"""Of all keys together: an attacker may come from anywhere."""
_ADDRESS_CHARS = 64
_SHOWN = 10
_NONE = SafeText("no request has an address")
_TOO_YOUNG = SafeText("the records begin within the last 24 hours: none is older to compare with")


class Addresses:
    """Learns when each key was first seen from each address."""

    def __init__(self, now: datetime) -> None:
        self._since = now - WINDOW
        self._first: dict[str, dict[str, datetime]] = {}
        self._count = 0
        self._oldest: datetime | None = None

    def take(self, key: str, fields: dict[str, object], at: datetime) -> None:
        """Learn one request."""
        self._oldest = at if self._oldest is None else min(at, self._oldest)
        address = next((one for name in _FIELDS if isinstance(one := fields.get(name), str)), "")
        if not address:
            return
        seen = self._first.setdefault(key, {})
        address = address[:_ADDRESS_CHARS]
        if address in seen:
            seen[address] = min(seen[address], at)
        elif self._count < _DISTINCT:
            seen[address] = at
            self._count += 1

    def result(
        self, name_key: Callable[[str], SafeText]
    ) -> tuple[tuple[KeyAddresses, ...], SafeText]:
        """Return the keys with their addresses, and why nothing can be said of them."""
        if not self._count:
            return (), _NONE
        if self._oldest is None or self._oldest >= self._since:
            return (), _TOO_YOUNG
        named: dict[SafeText, dict[str, datetime]] = {}
        for key, seen in self._first.items():
            mine = named.setdefault(name_key(key), {})
            for address, at in seen.items():
                mine[address] = min(at, mine.get(address, at))
        rows = [self._row(name, seen) for name, seen in named.items()]
        rows.sort(key=lambda one: -one.new_count)
        return tuple(rows), EMPTY

    def _row(self, name: SafeText, seen: dict[str, datetime]) -> KeyAddresses:
        before = sum(at < self._since for at in seen.values())
        latest = sorted((at, one) for one, at in seen.items() if at >= self._since)[::-1]
        new = latest if before else []
        shown = tuple(clean(one, _ADDRESS_CHARS) for _, one in new[:_SHOWN])
        return KeyAddresses(name, before, shown, len(new))
