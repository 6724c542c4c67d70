"""Who may do what: deny wins, no match is refused."""

import fnmatch
import random
from itertools import product

import pytest

from core.actions.policy import decide, reason_against_approval
from core.model.action import Danger
from core.model.policy import Policy, Role, RoleRule, SecondPerson, Who
from core.model.topology import Environment

EVERYWHERE = tuple((place, frozenset(Danger)) for place in Environment)
MIA, TOM = Who("mia", 1001, frozenset({"ops"})), Who("tom", 1002, frozenset({"staff"}))
PRODUCTION = Environment.PRODUCTION


def rule(role: Role = Role.OPERATOR, **more: object) -> RoleRule:
    return RoleRule(role, **({"dangers": EVERYWHERE} | more))  # pyright: ignore[reportArgumentType]


def may(
    policy: Policy, who: Who, action: str = "service.restart", danger: Danger = Danger.INTERRUPT,
    *, read_only: bool = False, armed: bool = True,
) -> tuple[bool, str]:  # fmt: skip
    decision = decide(
        policy, who, action, danger, PRODUCTION, is_read_only=read_only, is_armed=armed
    )
    return decision.is_allowed, decision.reason


def test_without_roles_everybody_on_this_machine_may_operate() -> None:
    allowed, said = may(Policy(), TOM)
    assert allowed
    assert said.startswith("everybody on this machine may operate")


def test_with_roles_who_has_none_may_nothing_not_even_read() -> None:
    policy = Policy(roles=(rule(users=("mia",)),))
    assert may(policy, MIA)[0]
    assert may(policy, TOM) == (False, "tom has no role here")
    assert may(policy, TOM, danger=Danger.READ) == (False, "tom has no role here")
    assert may(Policy(roles=()), MIA)[0] is False


def test_a_group_gives_a_role() -> None:
    policy = Policy(roles=(rule(groups=("ops",)),))
    assert (may(policy, MIA)[0], may(policy, TOM)[0]) == (True, False)


def test_a_viewer_reads_whatever_the_rule_says() -> None:
    policy = Policy(roles=(rule(Role.VIEWER, users=("*",)),))
    assert may(policy, TOM, "audit.scan", Danger.READ)[0]
    assert [danger for danger in Danger if may(policy, TOM, danger=danger)[0]] == [Danger.READ]


def test_deny_of_one_role_wins_over_allow_of_another() -> None:
    policy = Policy(
        roles=(rule(users=("mia",), deny=("service.*",)), rule(Role.ADMIN, users=("mia",)))
    )
    assert may(policy, MIA) == (False, "service.restart is denied to the role operator")
    assert may(policy, MIA, "backup.create")[0]


def test_what_no_rule_allows_is_refused() -> None:
    policy = Policy(roles=(rule(users=("mia",), allow=("backup.*",)),))
    assert may(policy, MIA) == (False, "no role of mia allows service.restart")


def test_a_danger_is_allowed_where_the_rule_says_so() -> None:
    tame = ((Environment.STAGING, frozenset(Danger)), (PRODUCTION, frozenset({Danger.READ})))
    policy = Policy(roles=(rule(users=("mia",), dangers=tame),))
    assert may(policy, MIA) == (
        False, "danger H in production is not allowed to the role operator"
    )  # fmt: skip
    staging = decide(
        policy, MIA, "service.restart", Danger.INTERRUPT, Environment.STAGING,
        is_read_only=False, is_armed=True,
    )  # fmt: skip
    assert staging.is_allowed


@pytest.mark.parametrize("danger", [one for one in Danger if one is not Danger.READ])
def test_read_only_refuses_every_change_of_everybody(danger: Danger) -> None:
    everything = Policy(roles=(rule(Role.ADMIN, users=("*",)),))
    for policy in (Policy(), everything):
        allowed, said = may(policy, MIA, danger=danger, read_only=True)
        assert not allowed
        assert said.startswith("read-only")
        assert may(policy, MIA, danger=Danger.READ, read_only=True)[0]


def test_what_is_not_armed_changes_nothing() -> None:
    assert may(Policy(), MIA, armed=False)[0] is False
    assert may(Policy(), MIA, danger=Danger.READ, armed=False)[0]


def test_a_second_person_is_another_login_that_may_do_it_too() -> None:
    second = SecondPerson(frozenset({Danger.DESTROY}), frozenset({PRODUCTION}))
    policy = Policy(
        roles=(rule(Role.ADMIN, users=("mia", "ada")), rule(Role.VIEWER, users=("tom",))),
        second_person=second,
    )

    def needs(danger: Danger, place: Environment = PRODUCTION) -> bool:
        return decide(
            policy, MIA, "redis.flush", danger, place, is_read_only=False, is_armed=True
        ).needs_second_person

    assert needs(Danger.DESTROY)
    assert not needs(Danger.INTERRUPT)
    assert not needs(Danger.DESTROY, Environment.STAGING)

    def against(approver: Who) -> str:
        return reason_against_approval(
            policy, MIA, approver, "redis.flush", Danger.DESTROY, PRODUCTION
        )

    assert against(Who("ada", 1003)) == ""
    assert against(MIA).startswith("nobody approves their own plan")
    assert against(Who("ada", MIA.uid)).startswith("nobody approves their own plan")
    assert against(Who("mia", 4000)).startswith("nobody approves their own plan")
    assert against(TOM) == "danger D in production is not allowed to the role viewer"
    assert against(Who("eve", 1009)) == "eve has no role here"


# The model: the rules once more, as plainly as they can be said.


def model(  # noqa: C901 - as flat as it can be said
    policy: Policy, who: Who, action: str, danger: str, place: str, read_only: bool, armed: bool
) -> bool:
    if danger != "R" and (read_only or not armed):
        return False
    if policy.roles is None:
        return True
    yes = False
    for one in policy.roles:
        mine = "*" in one.users or who.user in one.users
        for group in one.groups:
            if group in who.groups:
                mine = True
        if not mine:
            continue
        for glob in one.deny:
            if fnmatch.fnmatchcase(action, glob):
                return False
        is_right = False
        for glob in one.allow:
            if fnmatch.fnmatchcase(action, glob):
                is_right = True
        risks = [letter.value for env, letters in one.dangers if env == place for letter in letters]
        if one.role == "viewer":
            risks = [letter for letter in risks if letter == "R"]
        if is_right and danger in risks:
            yes = True
    return yes


ACTIONS = ("service.restart", "service.stop", "backup.create", "backup.restore", "redis.flush")
GLOBS = ("*", "service.*", "backup.*", "*.restore", "redis.flush", "service.restart", "key.*")


def random_policy(dice: random.Random) -> Policy:
    def some(of: tuple[str, ...], most: int) -> tuple[str, ...]:
        return tuple(dice.sample(of, dice.randint(0, most)))

    if dice.random() < 0.05:
        return Policy()
    rules = [
        RoleRule(
            dice.choice(list(Role)),
            some(("mia", "tom", "ada", "*"), 2),
            some(("ops", "staff"), 1),
            some(GLOBS, 4),
            some(GLOBS[1:], 1) if dice.random() < 0.5 else (),
            tuple(
                (place, frozenset(dice.sample(list(Danger), dice.randint(0, 5))))
                for place in dice.sample(list(Environment), dice.randint(0, 3))
            ),
        )
        for _ in range(dice.randint(0, 4))
    ]
    return Policy(roles=tuple(rules))


def test_300_random_policies_decide_as_the_model_does() -> None:
    dice = random.Random(21)
    asked = [MIA, TOM, Who("ada", 1003), Who("eve", 1004, frozenset({"ops", "staff"}))]
    answers: set[bool] = set()
    for _ in range(300):
        policy = random_policy(dice)
        for who, action, danger, place in product(asked, ACTIONS, Danger, Environment):
            read_only, armed = dice.random() < 0.2, dice.random() < 0.8
            wanted = model(policy, who, action, danger.value, place.value, read_only, armed)
            got = decide(
                policy, who, action, danger, place, is_read_only=read_only, is_armed=armed
            )  # fmt: skip
            assert got.is_allowed is wanted, (policy, who, action, danger, place, got)
            assert got.reason
            answers.add(wanted)
    assert answers == {True, False}
