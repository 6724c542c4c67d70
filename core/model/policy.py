"""Who may do what here. Values only; `core.actions.policy` decides."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.action import Danger
from core.model.text import SafeText
from core.model.topology import Environment


class Role(StrEnum):
    """What somebody is here; each may do what a policy says, and no more."""

    VIEWER = "viewer"
    """Only ever reads, whatever a policy allows."""
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Who:
    """A person as the kernel knows them, never as the environment claims."""

    user: str
    uid: int
    """Of whoever logged in, where that is known: `sudo` does not make it another."""
    groups: frozenset[str] = frozenset()


EVERYBODY = "*"
"""As a user: whoever is on this machine."""


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Who has a role, and what it may do."""

    role: Role
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    allow: tuple[str, ...] = ("*",)
    """Globs of action ids."""
    deny: tuple[str, ...] = ()
    """Globs of action ids; wins over every `allow` of every role."""
    dangers: tuple[tuple[Environment, frozenset[Danger]], ...] = ()
    """What is allowed where; an environment that is not named allows nothing."""


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """When somebody else has to approve a plan."""

    dangers: frozenset[Danger] = frozenset()
    environments: frozenset[Environment] = frozenset()
    within_s: float = 600.0
    """How long an approval holds."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one configuration."""

    roles: tuple[RoleRule, ...] | None = None
    """None: no roles are given, and everybody on this machine may operate. Empty: nobody may."""
    second_person: SecondPerson = SecondPerson()
    arming_lapses_s: float = 900.0
    """Changes that were switched on go off again this long after it."""
    arming_idle_s: float = 300.0
    """And after this long without a key."""
    danger_cap: int = 50
    """More objects than this need a second phrase."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something may be done."""

    is_allowed: bool
    reason: SafeText
    """Why not, or by what role."""
    needs_second_person: bool = False
