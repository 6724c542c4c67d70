"""A person is who the kernel says, whatever the environment claims."""

import os
import pwd
from pathlib import Path

import pytest

from core.clients import identity
from core.clients.identity import read_who


def login(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    (folder / "loginuid").write_text(text, encoding="ascii")
    monkeypatch.setattr(identity, "_LOGIN_UID", folder / "loginuid")


def test_the_environment_names_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    login(monkeypatch, tmp_path, "4294967295")
    before = read_who()
    for name in ("USER", "LOGNAME", "SUDO_USER", "SUDO_UID"):
        monkeypatch.setenv(name, "somebody-else")
    assert read_who() == before
    assert before.uid == os.geteuid()


def test_who_logged_in_stays_who_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = next(one for one in pwd.getpwall() if one.pw_uid != os.geteuid())
    login(monkeypatch, tmp_path, str(other.pw_uid))
    who = read_who()
    assert (who.user, who.uid) == (other.pw_name, other.pw_uid)
    assert len(who.groups) >= 1


@pytest.mark.parametrize("text", ["", "nonsense", "-"])
def test_a_login_that_cannot_be_read_is_the_user_of_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    login(monkeypatch, tmp_path, text)
    assert read_who().uid == os.geteuid()


def test_a_uid_without_a_name_is_shown_as_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    login(monkeypatch, tmp_path, "3999999999")
    assert read_who().user == "#3999999999"
    assert read_who().groups == frozenset()
