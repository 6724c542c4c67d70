"""Stands for a source that could not be built, so that its reason is shown where it belongs."""

from core.errors import ClientError
from core.model.events import Event


class UnbuiltSource:
    """Never looks; says why."""

    every_s = 60.0
    deadline_s = 1.0

    def __init__(self, name: str, error: ClientError) -> None:
        """Take the name of the source that is missing, and what kept it from being built."""
        self.name = name
        self._error = error

    async def look(self) -> tuple[Event, ...]:
        """Tell why there is nothing to look with.

        Raises:
            ClientError: always.
        """
        raise self._error
