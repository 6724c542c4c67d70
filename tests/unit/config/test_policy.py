"""Roles, arming and state folders as a file says them."""

from pathlib import Path

import pytest

from config.policy import rules_of
from config.state import state_folders_of
from core.model.action import Danger
from core.model.policy import Policy, Role
from core.model.topology import Environment
from tests.unit.config.writing import loaded, only_problem, problems, write


def rules(folder: Path, policy: str) -> Policy:
    return rules_of(loaded(folder, f"version: 1\npolicy: {policy}\n").settings.policy)


def test_no_policy_names_no_roles(tmp_path: Path) -> None:
    assert rules_of(loaded(tmp_path, "version: 1\n").settings.policy) == Policy()
    assert rules(tmp_path, "{danger_cap: 20}").roles is None


def test_roles_have_their_usual_dangers_unless_told(tmp_path: Path) -> None:
    own = rules(
        tmp_path,
        """
          roles:
            viewer: {users: ["*"]}
            operator: {groups: [ops], allow: [service.*], deny: [service.stop]}
            admin: {users: [root], dangers: {production: [R, M], development: [D]}}
        """,
    )
    assert own.roles is not None
    viewer, operator, admin = own.roles
    assert (viewer.role, operator.role, admin.role) == (Role.VIEWER, Role.OPERATOR, Role.ADMIN)
    assert dict(viewer.dangers)[Environment.PRODUCTION] == {Danger.READ}
    assert dict(operator.dangers)[Environment.STAGING] == set(Danger) - {Danger.DESTROY}
    assert (operator.groups, operator.allow, operator.deny) == (
        ("ops",), ("service.*",), ("service.stop",)
    )  # fmt: skip
    assert dict(admin.dangers) == {
        Environment.PRODUCTION: {Danger.READ, Danger.CHANGE},
        Environment.STAGING: set(),
        Environment.DEVELOPMENT: {Danger.DESTROY},
    }


def test_roles_without_anybody_let_nobody_in(tmp_path: Path) -> None:
    assert rules(tmp_path, "{roles: {}}").roles == ()


def test_a_second_person_and_arming(tmp_path: Path) -> None:
    own = rules(tmp_path, "{second_person: {}, arming: {lapses: 10m}, danger_cap: 5}")
    assert own.second_person.dangers == {Danger.DESTROY}
    assert own.second_person.environments == {Environment.PRODUCTION}
    assert own.second_person.within_s == 600
    assert (own.arming_lapses_s, own.arming_idle_s, own.danger_cap) == (600, 300, 5)
    assert rules(tmp_path, "{}").second_person.dangers == set()


@pytest.mark.parametrize(
    ("policy", "key", "remedy"),
    [
        ("{roles: {opertor: {}}}", "policy.roles.opertor", "did you mean 'operator'?"),
        ("{roles: {admin: {dangers: {prod: [D]}}}}", "policy.roles.admin.dangers.prod",
         "did you mean 'production'?"),
        ("{roles: {admin: {dangers: {staging: [X]}}}}", "policy.roles.admin.dangers.staging[0]",
         "known here: D, H, L, M, R"),
        ("{roles: {admin: {allow: [rm -rf]}}}", "policy.roles.admin.allow[0]",
         "write an action or a pattern, such as service.*"),
        ("{second_person: {environments: [prod]}}", "policy.second_person.environments[0]",
         "did you mean 'production'?"),
        ("{arming: {idle: 300}}", "policy.arming.idle", "write 300s, if that is meant"),
        ("{danger_cap: 0}", "policy", "write 50, or `read_only: true`"),
    ],
)  # fmt: skip
def test_an_error_names_the_key_and_the_remedy(
    tmp_path: Path, policy: str, key: str, remedy: str
) -> None:
    problem = only_problem(tmp_path, f"version: 1\npolicy: {policy}\n")
    assert (problem.key, problem.remedy) == (key, remedy)


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o602])
def test_a_policy_that_others_could_write_is_refused_whole(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path, "policy: {roles: {admin: {users: ['*']}}}\n", "policy.yaml", mode)
    found = problems(tmp_path, f"version: 1\ninclude: [{path}]\n")
    assert any("can be written by others" in one.what for one in found)


def test_a_policy_file_that_is_missing_or_broken_is_no_policy_that_lets_everybody_in(
    tmp_path: Path,
) -> None:
    for text in (None, "policy: {roles: [", "policy: {roles: 5}"):
        path = tmp_path / "policy.yaml"
        path.unlink(missing_ok=True)
        if text is not None:
            write(tmp_path, text, "policy.yaml")
        assert problems(tmp_path, f"version: 1\ninclude: [{path}]\n")


REDIS = """\
version: 1
state: {{redis_lock: {locks}}}
systems:
  shop:
    redis: {{url: "redis://127.0.0.1:6379/0"}}
    services:
      cache: {{checks: {{ping: {{url: "redis://127.0.0.1:6380/0"}}}}}}
      api: {{checks: {{health: {{url: "http://127.0.0.1:9/"}}}}}}
"""


@pytest.mark.parametrize("named", ["shop/redis", "shop/cache"])
def test_locks_between_hosts_name_the_redis_of_a_system(tmp_path: Path, named: str) -> None:
    state = loaded(tmp_path, REDIS.format(locks=f"[{named}]")).settings.state
    assert state is not None
    assert state.redis_lock == (named,)


@pytest.mark.parametrize(
    ("locks", "said"),
    [
        ("[shop/api]", "no Redis 'shop/api'"),
        ("[shop/rediss]", "no Redis 'shop/rediss'"),
        ("[bank/redis]", "no Redis 'bank/redis'"),
        ("[redis]", "a service, such as shop/redis"),
        ("[shop/redis, shop/cache]", "two servers for the locks of one system"),
    ],
)
def test_locks_between_hosts_name_nothing_else(tmp_path: Path, locks: str, said: str) -> None:
    assert said in str(
        [(one.what, one.remedy) for one in problems(tmp_path, REDIS.format(locks=locks))]
    )


def test_state_is_kept_by_user_unless_a_folder_is_named(tmp_path: Path) -> None:
    root = state_folders_of(None, {}, 0)
    assert (str(root.actions), str(root.audit), str(root.locks)) == (
        "/var/lib/quarterdeck/actions", "/var/log/quarterdeck/audit", "/run/lock/quarterdeck"
    )  # fmt: skip
    env = {"XDG_STATE_HOME": "/home/mia/.state", "XDG_RUNTIME_DIR": "/run/user/1001"}
    own = state_folders_of(None, env, 1001)
    assert (str(own.procedures), str(own.locks)) == (
        "/home/mia/.state/quarterdeck/procedures", "/run/user/1001/quarterdeck/locks"
    )  # fmt: skip
    bare = state_folders_of(None, {"XDG_STATE_HOME": "/s"}, 1001)
    assert str(bare.locks) == "/s/quarterdeck/locks"
    named = loaded(tmp_path, "version: 1\nstate: {folder: /srv/qd}\n").settings.state
    folders = state_folders_of(named, env, 0)
    assert {str(folders.actions), str(folders.audit), str(folders.locks)} == {
        "/srv/qd/actions", "/srv/qd/audit", "/srv/qd/locks"
    }  # fmt: skip


def test_a_state_folder_is_absolute(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, "version: 1\nstate: {folder: state}\n")
    assert problem.key == "state"
    assert problem.what == "the folder is not absolute"


def test_an_audit_key_is_named_by_its_whole_path(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, "version: 1\nstate: {audit_key: qd.key}\n")
    assert problem.what == "the audit key is not absolute"
    named = loaded(tmp_path, "version: 1\nstate: {audit_key: /etc/qd.key}\n").settings.state
    assert str(state_folders_of(named, {}, 0).audit_key) == "/etc/qd.key"
    assert state_folders_of(None, {}, 0).audit_key is None
