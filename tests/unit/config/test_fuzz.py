"""No text raises anything but a configuration error."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from config.include import PROFILES
from config.loader import load
from config.topology import topology_of
from core.errors import ConfigError
from core.model.text import clean

WORDS = some.sampled_from(
    [
        "version", "systems", "services", "checks", "url", "every", "expect", "conditions", "redis",
        "profile", "include", "runs_as", "compose", "alerts", "name", "when", "for", "host", "null",
        "${X}", "http://h/", "/x", "5s", "1", "a < 1", "api-gateway", "true", "<<", "&a", "*a",
        "file:/x", "profile:ai-diy", "- ", ": ", "\n", "  ", "{", "}", "[", "]", ",", "'", '"', "#",
        "|", ">", "!x", "?", "\t", "\u2028", "\x85", "é", "🙂",
    ]
)  # fmt: skip
TEXTS = some.one_of(some.text(max_size=200), some.lists(WORDS, max_size=40).map("".join))
VALUES = some.recursive(
    some.one_of(some.none(), some.booleans(), some.integers(), some.floats(), WORDS),
    lambda inner: some.one_of(
        some.lists(inner, max_size=4), some.dictionaries(WORDS, inner, max_size=5)
    ),
    max_leaves=20,
)


def only_config_errors(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    path.chmod(0o600)
    said = ""
    try:
        topology_of(load(path, {"X": "x", "HOME": "/"}).settings, {"X": "x"})
    except ConfigError as error:
        said = str(error)
    assert said == clean(said, len(said))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "quarterdeck.yaml"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS)
def test_any_text(path: Path, text: str) -> None:
    only_config_errors(path, text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=VALUES, key=WORDS)
def test_any_value_anywhere_in_a_system(path: Path, value: object, key: str) -> None:
    rest = {"services": {"api": {key: value, "checks": {"c": {"url": "http://h/", key: value}}}}}
    document = {"version": 1, "systems": {"s": {key: value, **rest}}, key: value}
    only_config_errors(path, repr_as_yaml(document))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=some.data())
def test_a_profile_with_a_piece_torn_out(path: Path, data: some.DataObject) -> None:
    text = (PROFILES / "api-gateway.yaml").read_text("utf-8")
    start = data.draw(some.integers(0, len(text)))
    length = data.draw(some.integers(0, 400))
    only_config_errors(path, text[:start] + data.draw(TEXTS) + text[start + length :])


def repr_as_yaml(value: object) -> str:
    """Return flow YAML: JSON with whatever numbers and texts there are."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)}: {repr_as_yaml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(repr_as_yaml, value)) + "]"
    return "null" if value is None else quoted(value) if isinstance(value, str) else str(value)


def quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"
