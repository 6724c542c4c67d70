"""The page that says where each operation is names only what there is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import VERBS
from config.include import PROFILES, shipped_profiles
from config.loader import load
from config.operation_specs import operations_of
from config.topology import topology_of
from core.model.action_ids import ACTION_IDS
from core.sources.log_places import log_places, saved_queries
from tui.commands import parsed

PAGE = Path(__file__).parents[3] / "docs" / "operations.md"
ROW = re.compile(r"\b00[0-4]-\d{3}\b")


def lines() -> Iterator[tuple[tuple[str, ...], str]]:
    """Each line of the tables: its rows, and where they are."""
    for text in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in text.strip("|").split("|")]
        if text.startswith("| 00"):
            yield tuple(ROW.findall(cells[0])), cells[1]


PLACES = sorted({name for _, where in lines() for name in re.findall(r"`([^`]+)`", where)})


@pytest.fixture(name="names", scope="module")
def fixture_names() -> frozenset[str]:
    """What the shipped profiles have that can be named: systems, services, logs, and the rest."""
    found = set[str]()
    for name in shipped_profiles():
        loaded = load(PROFILES / f"{name}.yaml", {})
        topology = topology_of(loaded.settings, {}, loaded.operations)
        own = operations_of(loaded)[name]
        found |= {name, *(place.source for place in log_places(topology))}
        found |= {query.name for query in saved_queries(topology)}
        for one in topology.systems:
            found |= {f"{name}/{service.id.service}" for service in one.services}
        sections = (own.commands, own.keys, own.tokens, own.procedures, own.backups, own.repos)
        found |= {f"{name}/{one.name}" for section in sections for one in section}
    return frozenset(found)


def is_there(name: str, names: frozenset[str]) -> bool:
    """Whether a command, a verb with what follows, or an action with its target exists."""
    if name.startswith(":"):
        command, argument = parsed(name)
        return command is not None and (not argument or argument in names)
    words = name.split()
    known = VERBS if words[0] == "quarterdeck" else ACTION_IDS
    targets = [word for word in words if "/" in word and "=" not in word]
    verb = words[1] if words[0] == "quarterdeck" else words[0]
    return verb in known and all(target in names for target in targets)


@pytest.mark.parametrize("name", PLACES)
def test_every_place_that_is_named_exists(name: str, names: frozenset[str]) -> None:
    if re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        assert name in names
    else:
        assert is_there(name, names)


def test_a_row_stands_once_and_every_line_says_where_or_not_yet() -> None:
    rows = [row for own, _ in lines() for row in own]
    assert len(rows) == len(set(rows))
    assert all("`" in where or where == "**not yet**" for _, where in lines())


def test_the_rows_are_those_of_the_profiles() -> None:
    known = {
        row
        for name in shipped_profiles()
        for row in ROW.findall((PROFILES / f"{name}.yaml").read_text())
    }
    assert {row for own, _ in lines() for row in own} <= known
