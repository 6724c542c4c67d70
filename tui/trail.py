"""Where a person has been: what `esc`, `q` and `-` lead back to. Pure."""

from dataclasses import dataclass, replace

_KEPT = 20


@dataclass(frozen=True, slots=True)
class Trail:
    """Places visited, the present one last. Never empty."""

    visited: tuple[str, ...]
    last: str = ""
    """The place that was left most recently; empty: none was."""

    @property
    def here(self) -> str:
        """The present place."""
        return self.visited[-1]

    @property
    def is_at_root(self) -> bool:
        """Whether there is nowhere to go back to."""
        return len(self.visited) == 1

    def gone_to(self, place: str) -> "Trail":
        """Return the trail after going somewhere; going where one is changes nothing."""
        if place == self.here:
            return self
        if place == self.visited[0]:
            return Trail(self.visited[:1], last=self.here)
        return Trail((*self.visited[:1], *self.visited[1:][-_KEPT:], place), last=self.here)

    def gone_back(self) -> "Trail":
        """Return the trail one step back; at the root it stays."""
        if self.is_at_root:
            return self
        return replace(self, visited=self.visited[:-1], last=self.here)
