"""`quarterdeck secrets` and `quarterdeck tokens`: what they print, and what they never do."""

import io
import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.main import run
from tests.fakes.loopback import loopback

SECRET = "qXz83-not-for-the-eyes-of-anybody"
_CONFIG = """version: 1
state: {{folder: {folder}/state}}
{more}systems:
  shop:
    root: {folder}
    services: {{app: {{base_url: "{url}", checks: {{health: {{url: /health}}}}}}}}
    env_files: {{env: {{path: .env, read_by: [app]}}}}
    tokens: {{jwt: {{secret_variable: JWT_SECRET, env_file: env, service: app, identity: /me}}}}
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    def with_config(
        *words: str, stdin: str = "", url: str = "http://127.0.0.1:9", more: str = ""
    ) -> tuple[int, str, str]:
        config = tmp_path / "quarterdeck.yaml"
        config.write_text(_CONFIG.format(folder=tmp_path, url=url, more=more), encoding="utf-8")
        config.chmod(0o600)
        (tmp_path / ".env").write_text(f"JWT_SECRET={SECRET}\nAPI_TOKEN=abc\n", encoding="utf-8")
        (tmp_path / ".env").chmod(0o600)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = run([*words, "--config", str(config)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return with_config


def minted(call: Run, *more: str) -> str:
    code, out, _ = call("tokens", "mint", "shop", "--subject", "alice", "--show", *more)
    assert code == 0
    return out.strip()


def test_secrets_are_listed_by_name_and_their_values_are_nowhere(call: Run) -> None:
    code, out, err = call("secrets")
    assert code == 0
    assert "JWT_SECRET" in out
    assert "made here" in out
    code, out, err = call("secrets", "shop", "--json")
    rows = json.loads(out)["systems"][0]["rows"]
    assert [row["name"] for row in rows] == ["API_TOKEN", "JWT_SECRET"]
    assert SECRET not in out + err


def test_a_minted_token_is_decoded_and_checked(call: Run) -> None:
    token = minted(call, "--scopes", "a,b", "--scopes", "c")
    code, out, _ = call("tokens", "decode", "--json", stdin=token)
    view = json.loads(out)["token"]
    assert code == 0
    assert (view["subject"], view["scopes"], view["signature"]) == (
        "alice",
        ["a", "b", "c"],
        "good",
    )
    code, out, _ = call("tokens", "decode", stdin=f"{token[:-3]}AAA")
    assert code == 1
    assert "finding" in out
    assert SECRET not in out


def test_a_token_goes_to_a_new_private_file_and_is_not_printed(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "token"
    made = ("tokens", "mint", "shop/jwt", "--subject", "x", "--scopes", "a")
    words = (*made, "--to", f"file:{path}")
    code, out, _ = call(*words)
    token = path.read_text("ascii").strip()
    assert code == 0
    assert token not in out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert call("tokens", "decode", f"file:{path}")[0] == 0
    code, _, err = call(*words)
    assert (code, "something is there already" in err) == (1, True)
    code, out, _ = call("audit", "show")
    assert "reveal" in out
    assert token not in out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("tokens", "decode", "eyJ.a.b"), 2, "a token is no argument"),
        (("tokens", "decode"), 1, "there is no token"),
        (("tokens", "mint", "shop", "--subject", "x"), 2, "say where it goes"),
        (("tokens", "mint", "shop", "--subject", " ", "--show"), 1, "needs a subject"),
        (("tokens", "mint", "shop", "--subject", "x", "--show", "--ttl", "soon"), 2, "--ttl"),
        (("tokens", "mint", "other", "--subject", "x", "--show"), 2, "no system"),
        (("tokens", "mint", "shop/x", "--subject", "x", "--show"), 2, "names no tokens"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(
    call: Run, words: tuple[str, ...], code: int, says: str
) -> None:
    found, out, err = call(*words)
    assert (found, out) == (code, "")
    assert says in err


def test_nothing_is_shown_in_a_war_room(call: Run) -> None:
    words = ("tokens", "mint", "shop", "--subject", "x", "--show")
    code, out, err = call(*words, more="war_room: true\n")
    assert (code, out) == (1, "")
    assert "war_room" in err


@pytest.mark.parametrize(
    ("status", "body", "code", "says"),
    [(200, '{"username": "alice"}', 0, "accepted, as alice"), (401, "{}", 1, "refused"),
     (307, "", 1, "a redirect"), (500, "", 1, "neither accepted nor refused"),
     (200, "<html>", 0, "names nobody")],
)  # fmt: skip
def test_a_token_is_shown_to_its_service(
    call: Run, status: int, body: str, code: int, says: str
) -> None:
    token = minted(call)
    with loopback({"/me": (status, body)}) as server:
        url = f"http://127.0.0.1:{server.port}"
        found, out, _ = call("tokens", "try", "shop", stdin=token, url=url)
    assert found == code
    assert says in out
    assert "the service does not say them" in out
    assert token not in out


def test_no_answer_is_no_verdict(call: Run) -> None:
    assert call("tokens", "try", "shop", stdin=minted(call))[0] == 3


def test_a_value_is_entered_without_being_shown(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "value"
    code, out, _ = call("secrets", "--enter", str(path), stdin=f" {SECRET}\n")
    assert (code, SECRET in out) == (0, False)
    assert path.read_text("ascii") == f"{SECRET}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert call("secrets", "--enter", str(path), stdin="x")[0] == 1
    assert call("secrets", "--enter", "value", stdin="x")[0] == 2
    assert call("secrets", "--enter", f"{path}2", stdin="")[0] == 1
