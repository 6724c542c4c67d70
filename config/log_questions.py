"""Checks the filters of log views with the query language itself."""

from collections.abc import Iterator
from collections.abc import Mapping as Env

from config.operations import Operations
from config.problems import Problem
from config.yaml_tree import Mapping, path_text, place_at
from core.errors import QueryError
from core.logs.query.query import parse_query
from core.logs.saved import sampled


def filter_problems(operations: Env[str, Operations], tree: Mapping) -> Iterator[Problem]:
    """Yield every filter that is no query, with the character at which it stops being one."""
    for system, own in operations.items():
        for name, view in own.log_views.items():
            path = ("systems", system, "log_views", name, "filter")
            try:
                # No clock is needed to see whether it is a query.
                parse_query(sampled(view.filter), 0.0)
            except QueryError as error:
                what = f"{error.problem} (at character {error.at_char + 1})"
                remedy = error.remedy or "see docs/log-queries.md"
                yield Problem(place_at(tree, path), path_text(path), what, remedy)
