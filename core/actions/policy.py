"""Decides who may do what. Pure: the executor asks it, whatever a front end has asked before.

Deny wins; what no rule allows is refused.
"""

from fnmatch import fnmatchcase

from core.model.action import Danger
from core.model.policy import EVERYBODY, Decision, Policy, Role, RoleRule, Who
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import Environment


def decide(
    policy: Policy,
    who: Who,
    action: str,
    danger: Danger,
    environment: Environment,
    *,
    is_read_only: bool,
    is_armed: bool,
) -> Decision:
    """Return whether somebody may do an action of this danger now, and why not."""
    is_change = danger is not Danger.READ
    if is_change and is_read_only:
        return _refused("read-only: the configuration or a flag refuses every change")
    if policy.roles is None:
        said = SafeText("everybody on this machine may operate: the configuration names no roles")
    else:
        allowed, said = _by_roles(policy.roles, who, action, danger, environment)
        if not allowed:
            return Decision(False, said)
    if is_change and not is_armed:
        return _refused("changes are not switched on, or no longer; arm first")
    return Decision(True, said, needs_second_person(policy, danger, environment))


def needs_second_person(policy: Policy, danger: Danger, environment: Environment) -> bool:
    """Tell whether somebody else has to approve a plan of this danger there."""
    second = policy.second_person
    return danger in second.dangers and environment in second.environments


def reason_against_approval(
    policy: Policy,
    planned_by: Who,
    approver: Who,
    action: str,
    danger: Danger,
    environment: Environment,
) -> SafeText:
    """Return why somebody's approval of another's plan does not count; empty: it does.

    Who approves has to be another login, and be allowed to do it themselves.
    """
    if approver.uid == planned_by.uid or approver.user == planned_by.user:
        return SafeText("nobody approves their own plan: it takes another login")
    own = decide(
        policy, approver, action, danger, environment, is_read_only=False, is_armed=True
    )  # fmt: skip
    return EMPTY if own.is_allowed else own.reason


def roles_of(policy: Policy, who: Who) -> tuple[Role, ...]:
    """Return the roles somebody has; without roles in the policy everybody operates."""
    if policy.roles is None:
        return (Role.OPERATOR,)
    return tuple(rule.role for rule in policy.roles if _is_meant(rule, who))


def _by_roles(
    roles: tuple[RoleRule, ...], who: Who, action: str, danger: Danger, environment: Environment
) -> tuple[bool, SafeText]:
    own = [rule for rule in roles if _is_meant(rule, who)]
    name = clean(who.user, 80)
    if not own:
        return False, clean(f"{name} has no role here")
    for rule in own:
        if _matches(action, rule.deny):
            return False, clean(f"{action} is denied to the role {rule.role}")
    allowing = [rule for rule in own if _matches(action, rule.allow)]
    if not allowing:
        return False, clean(f"no role of {name} allows {action}")
    for rule in allowing:
        if _may_risk(rule, danger, environment):
            return True, clean(f"{name} is {rule.role}")
    held = ", ".join(rule.role for rule in allowing)
    return False, clean(f"danger {danger} in {environment} is not allowed to the role {held}")


def _may_risk(rule: RoleRule, danger: Danger, environment: Environment) -> bool:
    if rule.role is Role.VIEWER and danger is not Danger.READ:
        return False
    return any(danger in dangers for place, dangers in rule.dangers if place is environment)


def _is_meant(rule: RoleRule, who: Who) -> bool:
    is_named = who.user in rule.users or EVERYBODY in rule.users
    return is_named or not who.groups.isdisjoint(rule.groups)


def _matches(action: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(action, glob) for glob in globs)


def _refused(reason: str) -> Decision:
    return Decision(False, clean(reason))
