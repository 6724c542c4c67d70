"""The JSON Schema accepts what the loader accepts and knows every key."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.include import PROFILES, shipped_profiles
from config.operation_keys import OPERATION_KEYS
from config.operations import Operations
from config.schema import json_schema
from config.section import keys_of
from config.systems import System
from config.topology import topology_of
from config.yaml_reader import parse_tree
from config.yaml_tree import plain_of
from tests.unit.config.writing import loaded

EXAMPLES = re.findall(
    r"```yaml\n(.*?)```", Path("docs/configuration.md").read_text("utf-8"), flags=re.DOTALL
)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json_schema()


@pytest.fixture(scope="module")
def validator(schema: dict[str, Any]) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", shipped_profiles())
def test_it_accepts_the_shipped_profiles(validator: Draft202012Validator, name: str) -> None:
    path = PROFILES / f"{name}.yaml"
    validator.validate(plain_of(parse_tree(path.read_text("utf-8"), str(path))))


@pytest.mark.parametrize("text", EXAMPLES)
def test_it_accepts_the_examples_of_the_guide_and_so_does_the_loader(
    validator: Draft202012Validator, tmp_path: Path, text: str
) -> None:
    validator.validate(plain_of(parse_tree(text, "configuration.md")))
    assert topology_of(loaded(tmp_path, text).settings, {}).systems


def test_it_accepts_the_human_forms(validator: Draft202012Validator) -> None:
    validator.validate(
        {
            "version": 1,
            "docker": {"url": "unix:///run/docker.sock"},
            "systems": {
                "s": {
                    "profile": "api-gateway",
                    "redis": {"url": "redis://${HOST:-h}:1", "password": "file:/etc/pw"},
                    "services": {
                        "a": {"checks": {"c": {"url": "/x", "every": "1h30m"}}, "metrics": None},
                        "gone": None,
                    },
                    "thresholds": {"t": {"warning": 100, "critical": "5%"}},
                    "alerts": [{"name": "a", "when": "x > 1s", "for": "5m"}],
                }
            },
        }
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 2},
        {"version": 1, "enviroment": "production"},
        {"version": 1, "environment": "prod"},
        {"version": 1, "systems": {"s": {"servces": {}}}},
        {"version": 1, "systems": {"s": {"services": {"a": {"checks": {"c": {"every": 5}}}}}}},
        {"version": 1, "systems": {"s": {"services": {"a": {"checks": {"c": {"every": "5x"}}}}}}},
        {"version": 1, "systems": {"s": {"redis": {"password": "hunter2"}}}},
        {"version": 1, "systems": {"a b": {}}},
        {},
    ],
)
def test_it_refuses_mistakes(validator: Draft202012Validator, wrong: dict[str, Any]) -> None:
    assert not validator.is_valid(wrong)


def test_it_describes_keys_for_the_editor(schema: dict[str, Any]) -> None:
    check = schema["$defs"]["Check"]["properties"]
    assert "path below the service" in check["url"]["description"]
    assert "default" not in check["every"]
    assert schema["properties"]["environment"]["default"] == "production"
    assert "api-gateway" in schema["$defs"]["System"]["properties"]["profile"]["examples"]


def test_the_names_of_the_late_sections_are_those_of_their_model(schema: dict[str, Any]) -> None:
    assert set(keys_of(Operations)) == OPERATION_KEYS
    assert not OPERATION_KEYS & set(keys_of(System))
    assert set(schema["$defs"]["System"]["properties"]) == OPERATION_KEYS | set(keys_of(System))
