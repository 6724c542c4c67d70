"""What doctor advises about groups."""

import grp
import os
import pwd

import pytest

from core.clients.rights import join, user_name


def test_the_user_is_whom_the_kernel_takes_us_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert user_name() == pwd.getpwuid(os.geteuid()).pw_name


def test_a_group_is_joined() -> None:
    assert (
        join("no-such-group") == f"sudo usermod -aG no-such-group {user_name()}, then log in again"
    )


def test_who_was_put_into_a_group_after_logging_in_only_logs_in_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = grp.struct_group(("adm", "x", 4, [str(user_name())]))
    monkeypatch.setattr(grp, "getgrnam", lambda name: ours)
    assert join("adm").startswith("log in again")
    assert "usermod" not in join("adm")
