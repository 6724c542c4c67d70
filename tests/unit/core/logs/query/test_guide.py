"""The guide of the query language says what is so."""

import re
from pathlib import Path

from core.logs.query.fields import FAMILIES
from tests.unit.core.logs.query.records import query

GUIDE = (Path(__file__).parents[5] / "docs/log-queries.md").read_text(encoding="utf-8")


def test_the_table_of_names_is_the_one_that_is_used() -> None:
    rows = dict(re.findall(r"^\| `(\w+)`: .*? \| (.*) \|$", GUIDE, re.MULTILINE))
    assert {name: tuple(re.findall(r"`([^`]+)`", row)) for name, row in rows.items()} == {
        family.name: tuple(member for member in family.members if member != family.name)
        for family in FAMILIES
    }


def test_every_example_of_the_guide_is_a_query() -> None:
    terms, jq = GUIDE.split("## Text")[0], GUIDE.split("## For users of jq")[1]
    examples = re.findall(r"```\n(.*?)\n```", terms, re.DOTALL)
    examples += re.findall(r"^\| `([^`]+)`", terms, re.MULTILINE)
    examples += re.findall(r"`(\.[^`]+|select[^`…]+)`", jq.split("\n## ")[0])
    examples += re.findall(r"^\| [^|`]+ \| `([^`]+)`", jq, re.MULTILINE)
    assert len(examples) > 30
    for example in examples:
        assert query(example.replace("\\|", "|")).tree is not None or "since" in example
