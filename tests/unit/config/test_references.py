"""References are followed; values in their place are refused and never repeated."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.addresses import Address, AddressUnusable, parse_address
from config.references import ReferenceBroken, expand, parse_secret
from core.model.secret import MASK, Secret


def test_a_reference_is_replaced_and_a_default_stands_in() -> None:
    env = {"HOST": "db", "EMPTY": ""}
    assert expand("tcp://${HOST}:${PORT:-5432}/${EMPTY:-x}", env) == "tcp://db:5432/x"


@pytest.mark.parametrize("text", ["${", "${}", "${A", "${1A}", "${A-b}", "x${A:-${B}}"])
def test_a_broken_reference_is_refused(text: str) -> None:
    with pytest.raises(ReferenceBroken, match=r"\$\{NAME"):
        expand(text, {"A": "x", "B": "y"})


def test_a_missing_variable_is_named_with_the_remedy() -> None:
    with pytest.raises(ReferenceBroken) as caught:
        expand("http://${NOBODY}/", {})
    assert "NOBODY is not set" in caught.value.what
    assert "${NOBODY:-value}" in caught.value.remedy


def test_a_secret_is_read_from_the_environment_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("s3cret\r\nsecond line\n", encoding="utf-8")
    path.chmod(0o600)
    assert parse_secret("${T}").read({"T": "v"}) == Secret("v")
    assert parse_secret("Bearer ${T}").read({"T": "v"}) == Secret("Bearer v")
    assert parse_secret(f"file:{path}").read({}) == Secret("s3cret")


def test_a_secret_file_that_everybody_reads_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("s3cret\n", encoding="utf-8")
    path.chmod(0o644)
    with pytest.raises(ReferenceBroken, match="every user can read") as caught:
        parse_secret(f"file:{path}").read({})
    assert "chmod o-rwx" in caught.value.remedy


def test_an_empty_secret_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("\n", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ReferenceBroken, match="first line is empty"):
        parse_secret(f"file:{path}").read({})


@pytest.mark.parametrize(
    "text", ["hunter2", "Bearer hunter2", "x${A}", "${A}hunter2", "${A:-hunter2}", "file:relative"]
)
def test_a_value_in_place_of_a_reference_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ReferenceBroken) as caught:
        parse_secret(text)
    assert "hunter2" not in str(caught.value)
    assert "${NAME}" in caught.value.remedy


def test_credentials_leave_an_address_only_as_a_secret() -> None:
    address = parse_address("http://ops:${PW}@host:8080/x", {"PW": "p-w"})
    assert address.text == "http://host:8080/x"
    assert address.secret == Secret("http://ops:p-w@host:8080/x")
    assert "p-w" not in repr(address)
    assert MASK in repr(address)


def test_a_password_written_into_an_address_is_refused_and_not_repeated() -> None:
    for text in ("http://u:hunter2@h/", "http://:hunter2@h/", "http://u:${A}hunter2@h/"):
        with pytest.raises(ReferenceBroken, match="password") as caught:
            parse_address(text, {"A": "x"})
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("file:///etc/passwd", "file:// is not possible here"),
        ("http://localhost:0/", "1 to 65535"),
        ("http://localhost:65536/", "1 to 65535"),
        ("http://localhost:port/", "1 to 65535"),
        ("http://localhost:" + "9" * 50, "1 to 65535"),
        ("http:///path", "no usable host"),
        ("http://:80/", "no usable host"),
        ("http://[::1/", "not an address"),
        ("localhost:8000/health", "not an address"),
        ("//host/x", "not an address"),
        ("http://ho st/", "cannot hold the character"),
        ("http://host/\x1b[2J", "cannot hold the character"),
        ("http://host/\u202ex", "cannot hold the character"),
        ("", "not an address"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(text: str, what: str) -> None:
    with pytest.raises(AddressUnusable) as caught:
        parse_address(text, {})
    assert what in str(caught.value)


@pytest.mark.parametrize(
    "text", ["http://localhost", "https://[::1]:8443/x?y=1#z", "http://a.b:80"]
)
def test_an_address_that_can_be_used_is_kept_as_written(text: str) -> None:
    assert parse_address(text, {}) == Address(text)


def test_a_path_goes_below_the_base() -> None:
    base = parse_address("http://ops:${PW}@host:1/api/", {"PW": "x"})
    path = parse_address("/health?full=1", {}, can_be_relative=True)
    below = path.below(base)
    assert below.text == "http://host:1/api/health?full=1"
    assert below.secret == Secret("http://ops:x@host:1/api/health?full=1")


@given(some.text(max_size=60), some.text(max_size=10))
def test_no_text_raises_anything_unexpected(text: str, value: str) -> None:
    for parse in (
        lambda: expand(text, {"A": value}),
        lambda: parse_secret(text),
        lambda: parse_address(text, {"A": value}),
    ):
        try:
            parse()
        except (ReferenceBroken, AddressUnusable):
            continue
