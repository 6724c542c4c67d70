"""Secrets as an inventory: names, places, ages and findings. Never a value."""

from dataclasses import dataclass
from datetime import datetime

from core.model.text import EMPTY, SafeText


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """One place that holds a secret, or hands it on."""

    kind: str
    """`env file`, `compose file`, `unit`, `process`."""
    where: SafeText
    """A path, or a unit's name."""
    line: int | None = None
    mode: SafeText = EMPTY
    changed: datetime | None = None
    """When the file was last written: the secret is no younger than it looks, and may be older."""
    target: str = ""
    """What actions know the place by: `system/ENVFILE`; empty: no env file of the configuration."""


@dataclass(frozen=True, slots=True)
class SecretRow:
    """One secret of one system, by name."""

    system: str
    name: SafeText
    places: tuple[SecretPlace, ...]
    used_by: tuple[str, ...]
    """Services, by name."""
    is_set: bool
    age_s: float | None
    """Since it was seen to change, or since its file was; None: nobody can know."""
    is_rotatable: bool
    """Whether it is random and ours, such as a JWT secret; else its provider makes a new one."""
    provider: SafeText = EMPTY
    """Who makes it, as far as its name tells: Google, Supabase, …"""
    findings: tuple[SafeText, ...] = ()
    """In git, readable by others, a placeholder, `admin/admin`, differs between files."""
    notes: tuple[SafeText, ...] = ()
    """What it says of itself without being shown: a role, an expiry, the address it is for."""


@dataclass(frozen=True, slots=True)
class SecretsView:
    """The secrets of one system."""

    system: str
    rows: tuple[SecretRow, ...]
    problems: tuple[SafeText, ...] = ()
    """Files that could not be read."""
