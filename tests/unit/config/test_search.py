"""The configuration is looked for in its places, in order."""

from pathlib import Path

import pytest

from config.search import find_config
from core.errors import ConfigError


def made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("version: 1\n", encoding="utf-8")
    return path


def test_the_order_is_option_variable_folder_user(tmp_path: Path) -> None:
    cwd = tmp_path / "cwd"
    here = made(cwd / "quarterdeck.yaml")
    user = made(tmp_path / "xdg" / "quarterdeck" / "quarterdeck.yaml")
    named = made(tmp_path / "named.yaml")
    option = made(tmp_path / "option.yaml")
    env = {"QUARTERDECK_CONFIG": str(named), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert find_config(option, env, cwd) == option
    assert find_config(None, env, cwd) == named
    del env["QUARTERDECK_CONFIG"]
    assert find_config(None, env, cwd) == here
    here.unlink()
    assert find_config(None, env, cwd) == user


def test_a_named_file_is_never_replaced_by_another(tmp_path: Path) -> None:
    made(tmp_path / "quarterdeck.yaml")
    missing = tmp_path / "missing.yaml"
    assert find_config(missing, {}, tmp_path) == missing
    assert (
        find_config(None, {"QUARTERDECK_CONFIG": "other.yaml"}, tmp_path) == tmp_path / "other.yaml"
    )


def test_when_there_is_none_every_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find_config(None, {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}, tmp_path)
    for place in (str(tmp_path / "quarterdeck.yaml"), str(tmp_path / "xdg"), "/etc/quarterdeck"):
        assert place in str(caught.value)
    assert "quarterdeck demo" in str(caught.value)


def test_the_home_folder_is_used_where_xdg_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    user = made(tmp_path / ".config" / "quarterdeck" / "quarterdeck.yaml")
    assert find_config(None, {}, tmp_path / "elsewhere") == user
