"""Compose files and unit files are read for their variables, whatever else is in them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.clients.secret_files import SecretFile
from core.errors import ClientGarbled, ClientMissing
from core.keys.secrets.book import SecretsBook
from core.keys.secrets.compose_text import parse_compose
from core.keys.secrets.unit_text import parse_unit
from core.model.operation import OperationsSpec
from core.model.topology import SystemdUnit
from tests.fakes.clock import FakeClock
from tests.fakes.world import service, system

COMPOSE = b"""
services:
  api: &api
    environment:
      JWT_SECRET: inline-value
      DB_PASSWORD: ${DB_PASSWORD}
      API_KEY: ${API_KEY:-fallback-1}
      EMPTY_TOKEN:
    env_file: [.env, {path: other.env, required: false}]
  worker:
    <<: *api
    environment: [TOKEN=abc, SECRET]
    env_file: one.env
"""
UNIT = b"""[Service]
# Environment=NO=1
Environment="JWT_SECRET=a b" OTHER=1 \\
  API_TOKEN=second
EnvironmentFile=-/etc/app.env
EnvironmentFile=/etc/%i.env
Environment="broken
Environment=DSN=x
"""


def test_a_compose_file_tells_values_from_references() -> None:
    found = parse_compose(COMPOSE)
    values = {(one.service, one.name): (one.value, one.refers) for one in found.variables}
    assert values == {
        ("api", "JWT_SECRET"): ("inline-value", ("JWT_SECRET",)),
        ("api", "DB_PASSWORD"): (None, ("DB_PASSWORD",)),
        ("api", "API_KEY"): ("fallback-1", ("API_KEY",)),
        ("api", "EMPTY_TOKEN"): (None, ("EMPTY_TOKEN",)),
        ("worker", "TOKEN"): ("abc", ("TOKEN",)),
        ("worker", "SECRET"): (None, ("SECRET",)),
    }
    assert found.env_files == (("api", ".env"), ("api", "other.env"), ("worker", "one.env"))
    assert next(one.line for one in found.variables if one.name == "JWT_SECRET") == 5


def test_a_bomb_of_aliases_costs_nothing() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    text = "\n".join([*lines, "services:", "  x:", "    environment: {KEY: v}"])
    assert [one.name for one in parse_compose(text.encode()).variables] == ["KEY"]


@pytest.mark.parametrize("data", [b"{{", b"a: 1", b"", b"- 1", b"\xff\xfe", b"services: [1]\n\t x"])
def test_what_is_no_compose_file_is_said(data: bytes) -> None:
    with pytest.raises(ClientGarbled):
        parse_compose(data)


@pytest.mark.parametrize("data", [b"[" * 500_000, b"{a: " * 200_000, b"- " * 300_000])
def test_endless_nesting_does_not_end_the_process(data: bytes) -> None:
    with pytest.raises(ClientGarbled):
        parse_compose(data)


def test_odd_services_are_passed_over() -> None:
    text = b"services: {a: 1, b: [x], c: {environment: {[1]: 2, K: [1]}}, 5: {env_file: {x: y}}}"
    assert [(one.name, one.value) for one in parse_compose(text).variables] == [("K", None)]


def test_a_unit_file_is_read_as_its_manager_reads_it() -> None:
    variables, files = parse_unit(UNIT)
    assert variables == (
        ("JWT_SECRET", "a b", 3), ("OTHER", "1", 3), ("API_TOKEN", "second", 3), ("DSN", "x", 8),
    )  # fmt: skip
    assert files == ("/etc/app.env",)


class _Units:
    """Files of a machine with systemd on it."""

    def __init__(self) -> None:
        self.files = {
            "/etc/systemd/system/shop.service": UNIT,
            "/usr/lib/systemd/system/shop.service": b"Environment=HIDDEN_TOKEN=x",
            "/etc/systemd/system/shop.service.d/a.conf": b"[Service]\nEnvironment=DROP_TOKEN=y",
            "/etc/app.env": b"FILE_PASSWORD=zzz-is-it\n",
        }

    def read(self, path: str) -> SecretFile:
        if path not in self.files:
            raise ClientMissing(f"{path} is not there")
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return SecretFile(path, self.files[path], 0o600, "root", "root", now)

    def is_tracked(self, path: str) -> bool | None:
        return None

    def names(self, folder: str) -> tuple[str, ...]:
        inside = (one.removeprefix(f"{folder}/") for one in self.files if folder in one)
        return tuple(one for one in inside if "/" not in one)


def test_units_drop_ins_and_their_files_are_part_of_the_inventory() -> None:
    spec = replace(service("api"), runs_as=SystemdUnit("shop"))
    book = SecretsBook(system("shop", spec), OperationsSpec("shop"), _Units(), FakeClock())
    found = {str(row.name): row for row in book.look().rows}
    assert set(found) == {"API_TOKEN", "DROP_TOKEN", "DSN", "FILE_PASSWORD", "JWT_SECRET"}
    assert found["DROP_TOKEN"].places[0].kind == "unit"
    assert found["FILE_PASSWORD"].used_by == ("api",)
    assert any("unit file is readable by everybody" in one for one in found["DSN"].findings)
