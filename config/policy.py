"""Who may do what: roles by user and group, and what takes a second person."""

from typing import Annotated, Literal

from config.fields import Duration, Matches
from config.section import Section, fields_of
from core.model.action import Danger
from core.model.policy import Policy as Rules
from core.model.policy import Role, RoleRule
from core.model.policy import SecondPerson as SecondPersonRule
from core.model.topology import Environment

_Danger = Literal["R", "L", "M", "H", "D"]
_Glob = Annotated[
    str, Matches(r"^[a-z*?]+(\.[a-z_*?]+)?$", "an action or a pattern, such as service.*")
]
_USUAL: dict[Role, frozenset[Danger]] = {
    Role.VIEWER: frozenset({Danger.READ}),
    Role.OPERATOR: frozenset(Danger) - {Danger.DESTROY},
    Role.ADMIN: frozenset(Danger),
}


class Dangers(Section):
    """What a role may risk where: R, L, M, H, D. An environment left out allows nothing."""

    production: tuple[_Danger, ...] = ()
    staging: tuple[_Danger, ...] = ()
    development: tuple[_Danger, ...] = ()


class RoleEntry(Section):
    """Who has a role and what it may do."""

    users: tuple[str, ...] = ()
    """Names of logins; `*` is everybody on this machine."""
    groups: tuple[str, ...] = ()
    allow: tuple[_Glob, ...] = ("*",)
    """Actions, such as `service.*`."""
    deny: tuple[_Glob, ...] = ()
    """Actions that nobody with this role may do, whatever another role of theirs allows."""
    dangers: Dangers | None = None
    """None: a viewer reads, an operator may all but D, an admin everything, everywhere."""


class Roles(Section):
    """The roles; who has none of them may do nothing."""

    viewer: RoleEntry | None = None
    """Reads only, whatever `dangers` says."""
    operator: RoleEntry | None = None
    admin: RoleEntry | None = None


class SecondPerson(Section):
    """When another login has to approve a plan."""

    dangers: tuple[_Danger, ...] = ("D",)
    environments: tuple[Environment, ...] = (Environment.PRODUCTION,)
    within: Duration = 600.0
    """How long an approval holds."""


class Arming(Section):
    """How long changes stay switched on in a console."""

    lapses: Duration = 900.0
    idle: Duration = 300.0
    """Without a key."""


class Policy(Section):
    """Who may act, and how carefully."""

    roles: Roles | None = None
    """None: everybody on this machine may operate. Given: who is not named may do nothing."""
    second_person: SecondPerson | None = None
    """None: one person is enough."""
    arming: Arming | None = None
    danger_cap: int = 50
    """More objects than this in one action need a second phrase."""

    def reason_against(self) -> tuple[str, str] | None:
        """Return what makes no sense."""
        if self.danger_cap < 1:
            return "a danger_cap below 1 allows nothing", "write 50, or `read_only: true`"
        return None


def rules_of(policy: Policy | None) -> Rules:
    """Return the policy as the core decides by it."""
    if policy is None:
        return Rules()
    arming = policy.arming
    usual = Rules()
    return Rules(
        roles=None if policy.roles is None else _rules(policy.roles),
        second_person=_second_person(policy.second_person),
        arming_lapses_s=arming.lapses if arming else usual.arming_lapses_s,
        arming_idle_s=arming.idle if arming else usual.arming_idle_s,
        danger_cap=policy.danger_cap,
    )


def _rules(roles: Roles) -> tuple[RoleRule, ...]:
    named: dict[str, RoleEntry | None] = {name: getattr(roles, name) for name in fields_of(Roles)}
    return tuple(_rule(Role(name), entry) for name, entry in named.items() if entry is not None)


def _rule(role: Role, entry: RoleEntry) -> RoleRule:
    return RoleRule(
        role,
        entry.users,
        entry.groups,
        entry.allow,
        entry.deny,
        tuple((place, _dangers(entry.dangers, role, place)) for place in Environment),
    )


def _dangers(given: Dangers | None, role: Role, place: Environment) -> frozenset[Danger]:
    if given is None:
        return _USUAL[role]
    letters: tuple[str, ...] = getattr(given, place.value)
    return frozenset(Danger(letter) for letter in letters)


def _second_person(given: SecondPerson | None) -> SecondPersonRule:
    if given is None:
        return SecondPersonRule()
    return SecondPersonRule(
        frozenset(Danger(letter) for letter in given.dangers),
        frozenset(given.environments),
        given.within,
    )
