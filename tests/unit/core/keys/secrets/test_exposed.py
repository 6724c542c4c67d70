"""Secrets in files are told from what only looks like them; no text of them is told."""

from pathlib import Path

import pytest

from core.clients.text_tree import TextFile, TreeReading, read_texts
from core.keys.secrets.exposed import exposed_in, mode_problem
from core.keys.secrets.judging import judge_value
from core.keys.secrets.names import has_url_secret
from core.keys.tokens.minting import mint_token
from core.model.secret import Secret

TOKEN = mint_token(Secret("x" * 20), "somebody", ("a",), 60, 1e9).reveal()
LIVE = "sk_" + "live_" + "a1b2c3d4e5f6g7h8i9"
KEY_HEAD = "-----BEGIN " + "RSA PRIVATE KEY-----"


def found(text: str, *known: tuple[str, str]) -> list[str]:
    file = TextFile("/x/a.py", 0o644, text.encode())
    secrets = tuple((name, Secret(value)) for name, value in known)
    return [one.removeprefix("/x/a.py:") for one in exposed_in(file, secrets, frozenset())]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"a\nb = '{LIVE}'", "2: a Stripe key"), (f"{KEY_HEAD}\n", "1: a private key"),
        (f"x {TOKEN}", "1: a token"), ("AKIA" + "ABCDEFGHIJKLMNOP", "1: an AWS key"),
        ("url: postgres://app:s3cr3tpw@db/x", "1: an address with a password"),
        ('DB_PASSWORD = "Tr0ub4dor3x"', "1: a value for DB_PASSWORD"),
        ("  \"apiKey\": 'x9Kd83kdA0s'", "1: a value for apiKey"),
        ("k = 'in-the-inventory-1'", "1: the value of JWT_SECRET"),
    ],
)  # fmt: skip
def test_a_secret_is_found_at_its_line(text: str, what: str) -> None:
    assert found(text, ("JWT_SECRET", "in-the-inventory-1")) == [what]


@pytest.mark.parametrize(
    "text",
    [
        'PASSWORD = os.environ["PASSWORD"]', 'password: "your-password-1"', "token = get_token()",
        'API_KEY = "changeme"', 'API_KEYS_FILE = "keys1.json"',
        "postgres://user:password@localhost/db", "http://${USER}:${PASS}@host", 'SECRET = "s"',
        'max_tokens = "40961234"', 'token_url = "https://x.example/oauth2"', "# sk-ip this",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_left_out(text: str) -> None:
    assert found(text) == []


def test_files_in_which_secrets_belong_are_not_looked_through() -> None:
    file = TextFile("/x/.env", 0o600, f"KEY={LIVE}".encode())
    assert exposed_in(file, (), frozenset({"/x/.env"})) == ()


def test_long_and_odd_texts_cost_no_more_than_reading_them() -> None:
    size = 400_000
    for text in (
        "a" * size,
        "eyJ-" * (size // 4),
        "a://" + ":" * size,
        "'" * size,
        "a=" * (size // 2),
    ):
        found(text)
        judge_value("API_KEY", Secret(text), 0.0)
    assert not has_url_secret("a://" + ":" * size)


@pytest.mark.parametrize(
    ("name", "mode", "is_bad"),
    [(".env", 0o644, True), (".env", 0o640, False), (".env.example", 0o644, False),
     ("id_rsa", 0o644, True), ("server.key", 0o600, False), ("a.py", 0o644, False),
     ("a.py", 0o666, True), ("tls.cert.pem", 0o644, False)],
)  # fmt: skip
def test_modes_are_judged_by_what_a_file_is(name: str, mode: int, is_bad: bool) -> None:
    assert (mode_problem(TextFile(f"/x/{name}", mode, b"")) is not None) is is_bad


def test_a_tree_is_read_within_bounds_and_says_so(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"f{number:02}").write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "f00")
    (tmp_path / "binary").write_bytes(b"a\0b")
    whole = TreeReading()
    files = list(read_texts(str(tmp_path), whole, lambda: 0.0))
    assert len(files) == 31
    assert (whole.ended, whole.denied, whole.begun, whole.elsewhere) == ("", 0, 0, 0)
    assert [one.data for one in files if one.path.endswith("binary")] == [b""]
    ticks = iter(range(1000))
    late = TreeReading()
    assert len(list(read_texts(str(tmp_path), late, lambda: float(next(ticks)), 10.0))) < 31
    assert late.ended == "10 s"
    missing = TreeReading()
    assert list(read_texts(str(tmp_path / "gone"), missing, lambda: 0.0)) == []
    assert missing.denied == 1


def test_a_file_that_is_read_only_in_part_is_counted(tmp_path: Path) -> None:
    mib = 1024 * 1024
    for name, size in (("a", mib - 1), ("b", mib), ("c", mib + 1), ("d", 3 * mib)):
        (tmp_path / name).write_bytes(b"x" * size)
    reading = TreeReading()
    sizes = [len(one.data) for one in read_texts(str(tmp_path), reading, lambda: 0.0)]
    assert sizes == [mib - 1, mib, mib, mib]
    assert reading.begun == 2
