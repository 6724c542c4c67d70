"""Changes are off until somebody switches them on, and go off by themselves. Pure."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Arming:
    """Whether changes are on. Times are seconds since the machine started."""

    lapses_s: float = 900.0
    """They go off this long after they were switched on."""
    idle_s: float = 300.0
    """And this long after the last key."""
    since_s: float | None = None
    last_key_s: float = 0.0

    def armed(self, now_s: float) -> "Arming":
        """Switch them on."""
        return replace(self, since_s=now_s, last_key_s=now_s)

    def disarmed(self) -> "Arming":
        """Switch them off."""
        return replace(self, since_s=None)

    def with_key(self, now_s: float) -> "Arming":
        """Somebody is at the keyboard."""
        return self if self.since_s is None else replace(self, last_key_s=now_s)

    def left_s(self, now_s: float) -> float | None:
        """Return how long they stay on; None: they are off."""
        if self.since_s is None:
            return None
        left_s = min(self.since_s + self.lapses_s, self.last_key_s + self.idle_s) - now_s
        return left_s if left_s > 0 else None
