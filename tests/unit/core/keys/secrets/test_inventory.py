"""The inventory names secrets, places, ages and findings; what they are stands nowhere in it."""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.as_json import as_json
from core.clients.secret_files import LocalSecretFiles, tracked_names
from core.keys.ids import KeyIds
from core.keys.secrets.ages import SecretAges
from core.keys.secrets.audit import FileAudit
from core.keys.secrets.book import SecretsBook
from core.keys.secrets.judging import judge_value
from core.keys.secrets.names import is_secret_variable, is_signing, provider_name
from core.keys.tokens.minting import mint_token
from core.keys.tokens.signing import encoded, signed
from core.model.key_spec import TokenSpec
from core.model.operation import ComposeSpec, EnvFileSpec, OperationsSpec, VariableSpec
from core.model.secret import Secret
from core.model.secret_view import SecretRow, SecretsView
from core.model.security import Tick
from core.model.topology import ComposeService, SystemdUnit
from tests.fakes.clock import START, FakeClock
from tests.fakes.world import service, system

DATA = Path(__file__).parents[4] / "data/env"
PLANTED = ("Zk8dkq-planted-1-Ws", "Pw4nfq-planted-2-Xe", "Rt5mmz-planted-3-Ty")
NOW_S = START.timestamp()


def book(
    folder: Path, *env: EnvFileSpec, ages: SecretAges | None = None, **more: Any
) -> SecretsBook:
    operations = OperationsSpec("shop", str(folder), env_files=env, **more)
    services = (
        service("api", runs_as=ComposeService("shop", "backend")),
        service("unit", runs_as=SystemdUnit("shop.service")),
    )
    return SecretsBook(system("shop", *services), operations, LocalSecretFiles(), FakeClock(), ages)


def rows(view: SecretsView) -> dict[str, SecretRow]:
    return {str(one.name): one for one in view.rows}


def told(row: SecretRow) -> str:
    return "; ".join(row.findings)


def put(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_the_known_env_file_has_its_secrets_named_and_the_rest_left_out(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes((DATA / "app.env").read_bytes())
    path.chmod(0o644)
    found = book(tmp_path, EnvFileSpec("env", str(path), read_by=("api",))).look()
    assert set(rows(found)) == {"OPENROUTER_API_KEY", "REDIS_PASSWORD", "URL"}
    row = rows(found)["OPENROUTER_API_KEY"]
    assert (row.provider, row.is_rotatable, row.used_by) == ("OpenRouter", False, ("api",))
    assert "everybody may read .env (0644)" in told(row)
    assert row.places[0].line == 6
    assert "FIXTURE" not in repr(found) + json.dumps(as_json(found))


def test_no_planted_value_is_in_anything_that_is_said(tmp_path: Path) -> None:
    one, two, three = PLANTED
    put(
        tmp_path / ".env",
        f"JWT_SECRET={one}\nDATABASE_URL=postgres://u:{two}@db/x\nSENTRY_DSN={three}\n",
    )
    put(tmp_path / ".env.old", f"JWT_SECRET={three}\n")
    put(
        tmp_path / "docker-compose.yml",
        f"services:\n  backend:\n    environment:\n      - API_TOKEN={one}\n      - PASSWORD\n",
    )
    spec = EnvFileSpec(
        "env", f"{tmp_path}/.env", also=(f"{tmp_path}/.env.old",), template=f"{tmp_path}/.env"
    )
    a_book = book(tmp_path, spec, compose=ComposeSpec(folder=str(tmp_path)))
    found = a_book.look()
    assert set(rows(found)) == {"JWT_SECRET", "DATABASE_URL", "SENTRY_DSN", "API_TOKEN", "PASSWORD"}
    said = repr(found) + json.dumps(as_json(found)) + repr(a_book.values)
    assert not [value for value in PLANTED if value in said]
    assert {value.reveal() for value in a_book.values} > {one, three}
    assert "differs between .env, .env.old" in told(rows(found)["JWT_SECRET"])
    assert "as in the template" in told(rows(found)["JWT_SECRET"])
    assert "its value stands in docker-compose.yml, line 4" in told(rows(found)["API_TOKEN"])
    assert (rows(found)["API_TOKEN"].used_by, rows(found)["PASSWORD"].is_set) == (("api",), False)


def test_a_file_that_git_tracks_is_a_finding_and_an_ignored_one_is_none(tmp_path: Path) -> None:
    put(tmp_path / ".env", f"JWT_SECRET={PLANTED[0]}\n")
    put(tmp_path / "other.env", f"JWT_SECRET={PLANTED[0]}\n")
    for words in (["init", "-q"], ["add", "other.env"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    files = LocalSecretFiles()
    assert files.is_tracked(f"{tmp_path}/.env") is False
    assert files.is_tracked(f"{tmp_path}/other.env") is True
    found = book(tmp_path, EnvFileSpec("env", f"{tmp_path}/other.env")).look()
    assert "in git: other.env is tracked" in told(rows(found)["JWT_SECRET"])


@pytest.mark.parametrize("version", ["2", "4"])
def test_every_form_of_gits_index_is_read(tmp_path: Path, version: str) -> None:
    names = [f"{'deep/' * n}file{n}{'x' * (n * 7)}" for n in range(12)]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    git = ["git", "-C", str(tmp_path)]
    for words in (["init", "-q"], ["add", "-A"], ["update-index", "--index-version", version]):
        subprocess.run([*git, *words], check=True)
    index = (tmp_path / ".git/index").read_bytes()
    assert tracked_names(index) == {name.encode() for name in names}
    for cut in range(0, len(index), 7):
        assert tracked_names(index[:cut]) <= {name.encode() for name in names}


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("JWT_SECRET", "changeme", "placeholder"), ("API_KEY", "your-api-key-here", "placeholder"),
        ("JWT_SECRET", "change-me-in-production", "placeholder"),
        ("API_KEY", "xxxx", "placeholder"),
        ("API_KEY", "sk-xxxxxxxx", "placeholder"), ("API_KEY", "<your key>", "placeholder"),
        ("ADMIN_PASSWORD", "admin", "admin/admin"),
        ("DB", "postgres://admin:admin@x/y", "admin/admin"),
        ("DB", "redis://:changeme@x", "placeholder"), ("JWT_SECRET", "short-but-odd", "forged"),
        ("SESSION_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaa", "one character"),
        ("REDIS_PASSWORD", "k3Jd", ""), ("JWT_SECRET", "4f1a9c3e5b7d8f20a1b2c3d4", ""),
    ],
)  # fmt: skip
def test_weak_values_are_found(name: str, value: str, finding: str) -> None:
    found, _ = judge_value(name, Secret(value), NOW_S)
    assert finding in "; ".join(found)
    assert bool(found) is bool(finding)
    assert value == "admin" or value not in "; ".join(found)


def test_a_supabase_key_says_its_role_and_its_end_and_its_address_is_checked(
    tmp_path: Path,
) -> None:
    claims = encoded(json.dumps({"role": "anon", "exp": int(NOW_S) + 10 * 86400}).encode())
    message = ".".join((encoded(b'{"alg":"HS256"}'), claims))
    key = f"{message}.{encoded(signed(message.encode(), Secret('s'), 'HS256'))}"
    put(
        tmp_path / ".env", f"SUPABASE_SERVICE_KEY={key}\nSUPABASE_URL=https://u:p@ab.example.test\n"
    )
    row = rows(book(tmp_path, EnvFileSpec("env", f"{tmp_path}/.env")).look())[
        "SUPABASE_SERVICE_KEY"
    ]
    assert row.notes == ("role anon", "expires in 10 days", "SUPABASE_URL https://ab.example.test")
    assert "role anon: a service key's is service_role" in told(row)
    assert "expires in 10 days" in told(row)
    put(tmp_path / ".env", f"SUPABASE_SERVICE_KEY={key}\nSUPABASE_URL=nonsense\n")
    row = rows(book(tmp_path, EnvFileSpec("env", f"{tmp_path}/.env")).look())[
        "SUPABASE_SERVICE_KEY"
    ]
    assert "SUPABASE_URL is no http address" in told(row)


def test_what_is_required_and_missing_is_said(tmp_path: Path) -> None:
    put(tmp_path / ".env", "JWT_SECRET=\n")
    variables = tuple(
        VariableSpec(name, is_required=True, is_secret=True)
        for name in ("JWT_SECRET", "STRIPE_KEY")
    )
    spec = EnvFileSpec("env", f"{tmp_path}/.env", variables=variables)
    found = rows(book(tmp_path, spec).look())
    assert {name: row.is_set for name, row in found.items()} == {
        "JWT_SECRET": False,
        "STRIPE_KEY": False,
    }
    assert all(told(row).startswith("empty, and required") for row in found.values())


def test_missing_unreadable_and_broken_files_are_problems(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "docker-compose.yml").write_text("{{{", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    specs = [EnvFileSpec(name, f"{tmp_path}/{name}") for name in ("gone", "folder", "pipe")]
    found = book(tmp_path, *specs, compose=ComposeSpec(folder=str(tmp_path))).look()
    assert found.rows == ()
    assert [one.rpartition("/")[2] for one in found.problems] == [
        "gone is not there", "folder is a folder", "pipe is a pipe",
        "docker-compose.yml: it is not YAML",
    ]  # fmt: skip


@pytest.fixture
def ages(tmp_path: Path) -> Iterator[SecretAges]:
    path = tmp_path / "state" / "ages.json"
    yield SecretAges(path, KeyIds(b"k" * 32).mark)
    if path.exists():
        assert not [value for value in PLANTED if value in path.read_text("utf-8")]


def test_a_secret_is_as_old_as_its_value_not_as_its_file(tmp_path: Path, ages: SecretAges) -> None:
    path = put(tmp_path / ".env", f"JWT_SECRET={PLANTED[0]}\n")
    old = NOW_S - 90 * 86400
    os.utime(path, (old, old))
    a_book = book(tmp_path, EnvFileSpec("env", str(path)), ages=ages)
    assert rows(a_book.look())["JWT_SECRET"].age_s == 90 * 86400
    put(path, f"JWT_SECRET={PLANTED[0]}\nOTHER=1\n")
    os.utime(path, (NOW_S - 60, NOW_S - 60))
    assert rows(a_book.look())["JWT_SECRET"].age_s == 90 * 86400
    put(path, f"JWT_SECRET={PLANTED[1]}\nOTHER=1\n")
    os.utime(path, (NOW_S - 60, NOW_S - 60))
    again = SecretAges(tmp_path / "state" / "ages.json", KeyIds(b"k" * 32).mark)
    assert rows(a_book.look())["JWT_SECRET"].age_s == 60
    other = book(tmp_path, EnvFileSpec("env", str(path)), ages=again)
    assert rows(other.look())["JWT_SECRET"].age_s == 60
    assert (tmp_path / "state" / "ages.json").stat().st_mode & 0o777 == 0o600


def test_what_may_be_rotated_is_what_is_ours(tmp_path: Path) -> None:
    put(tmp_path / ".env", "JWT_SECRET=a\nGOOGLE_API_KEY=b\nREDIS_PASSWORD=c\nSIGNER_PASS=d\n")
    tokens = (TokenSpec("jwt", secret_variable="SIGNER_PASS", env_file="env"),)
    found = rows(book(tmp_path, EnvFileSpec("env", f"{tmp_path}/.env"), tokens=tokens).look())
    assert [name for name, row in found.items() if row.is_rotatable] == [
        "JWT_SECRET",
        "SIGNER_PASS",
    ]


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [("API_KEYS_FILE", False), ("JWT_SECRET_KEY", True), ("SECRET_KEY_BASE", True),
     ("AWS_ACCESS_KEY_ID", False),
     ("MAX_TOKENS", False), ("TOKEN_TTL", False), ("LOG_LEVEL", False), ("PASSWORD", True),
     ("PWD", True),
     ("ENABLE_INTERNAL_SCHEDULER", False), ("POSTGRES_PASSWORD", True), ("SENTRY_DSN", True)],
)  # fmt: skip
def test_names_tell_secrets(name: str, is_secret: bool) -> None:
    assert is_secret_variable(name, "plain") is is_secret


def test_providers_and_signing_secrets_are_told_by_name() -> None:
    assert provider_name("REDDIT_API_KEY") == "Reddit"
    assert is_signing("DJANGO_SECRET_KEY")
    assert not is_signing("STRIPE_WEBHOOK_SECRET")
    assert mint_token(Secret("s"), "x", (), 60, NOW_S)
    assert datetime.fromtimestamp(NOW_S, UTC) == START


def test_a_security_audit_says_what_of_a_tree_it_has_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "dump.sql").write_bytes(b"-- nothing\n" * 200_000)
    audit = FileAudit(str(tmp_path), book(tmp_path), lambda: (), FakeClock())
    exposed, modes = audit.look()[1:]
    assert exposed.tick is Tick.COULD_NOT
    assert exposed.text.endswith("1 file looked at, 1 only to the first MiB")
    assert modes.tick is Tick.TICKED
    (tmp_path / "note.txt").write_text("key = 'sk_live_4242abcd4242efgh4242ijkl'\n")
    exposed = audit.look()[1]
    assert exposed.tick is Tick.NOT
    assert "1 finding; 2 files looked at, 1 only to the first MiB" in exposed.text
