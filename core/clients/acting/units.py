"""systemd units, changed: through `systemctl`, which knows jobs, limits and polkit."""

from typing import Protocol

from core.clients.systemd import UnitFacts


class UnitControl(Protocol):
    """What steps need of a service manager."""

    async def show(self, unit: str) -> UnitFacts:
        """Return a unit as it is.

        Raises:
            ClientError: systemd is absent (also: PID 1 is something else), frozen or denies.
        """
        ...

    async def dependents(self, unit: str) -> tuple[str, ...]:
        """Return active units that stop with it."""
        ...

    async def start(self, unit: str, deadline_s: float) -> None:
        """Start, `--job-mode=fail`, and wait for the job.

        Raises:
            ClientGarbled: systemd says that the job failed; its words are in the text.
            ClientError: as for `show`.
        """
        ...

    async def stop(self, unit: str, deadline_s: float) -> None:
        """Stop, and wait for the job."""
        ...

    async def restart(self, unit: str, deadline_s: float) -> None:
        """Restart, and wait for the job."""
        ...

    async def reset_failed(self, unit: str) -> None:
        """Forget failures, so that a start limit lets it start again."""
        ...
