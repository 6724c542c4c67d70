"""Whether new bytes are fit to be written: their format, the configuration's rules. Pure."""

import ast
import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit

import yaml

from core.model.action import Grade, Preflight
from core.model.env_text import parse_env
from core.model.operation import ConfigFileSpec, EnvFileSpec, VariableSpec
from core.model.text import clean

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][+-]?\d{1,2})?")
_CRON_FIELD = re.compile(r"(?:\*|\d{1,2}|[A-Za-z]{3})(?:-(?:\d{1,2}|[A-Za-z]{3}))?(?:/\d{1,2})?")
_RULE_EMPTY = re.compile(r"(\S+) is not empty")
_RULE_ONE_OF = re.compile(r"(\S+) is one of (\S+)")
_RULE_IS = re.compile(r"(\S+) is (\S+)")


def check_env(new: bytes, old: bytes, spec: EnvFileSpec) -> Iterator[Preflight]:
    """Yield what speaks against an env file: lines misread, values out of their rules."""
    text, before = parse_env(new), parse_env(old)
    known = {fault.text for fault in before.faults}
    for fault in text.faults:
        grade = Grade.WARN if fault.text in known else Grade.STOP
        yield Preflight("format", grade, clean(f"line {fault.line}: {fault.text}"))
    for name in text.repeated():
        yield Preflight(
            "format",
            Grade.WARN,
            clean(f"{name} stands there more than once; the last line counts"),
        )
    values, was = text.values(), before.values()
    for rule in spec.variables:
        if problem := variable_problem(rule, values.get(rule.name)):
            # What was wrong before is told; only what is made wrong now is refused.
            is_old = values.get(rule.name) == was.get(rule.name) and bool(old)
            grade = Grade.WARN if is_old else Grade.STOP
            yield Preflight("variables", grade, clean(f"{rule.name}: {problem}"))


def variable_problem(spec: VariableSpec, value: str | None) -> str:
    """Return what is wrong with a variable's value, never the value itself; empty: nothing."""
    if value is None or not value:
        return "is required, and missing or empty" if spec.is_required else ""
    if spec.one_of and value not in spec.one_of:
        return f"is one of {', '.join(spec.one_of)}"
    if problem := _kind_problem(spec.kind, value):
        return problem
    if spec.kind in {"integer", "number"}:
        number = float(value)
        if spec.least is not None and number < spec.least:
            return f"is at least {spec.least:g}"
        if spec.most is not None and number > spec.most:
            return f"is at most {spec.most:g}"
    return ""


def _kind_problem(kind: str, value: str) -> str:
    if kind == "integer" and not _INTEGER.fullmatch(value):
        return "is a whole number"
    if kind == "number" and not _NUMBER.fullmatch(value):
        return "is a number"
    if kind == "url" and not _is_url(value):
        return "is a URL with a scheme and a host"
    if kind == "cron" and not _is_cron(value):
        return "is five fields of cron"
    if kind == "path" and "\0" in value:
        return "is a path"
    return ""


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return bool(parts.scheme and (parts.netloc or parts.path)) and (parts.port or 0) >= 0
    except ValueError:
        return False


def _is_cron(value: str) -> bool:
    fields = value.split()
    return len(fields) == 5 and all(
        _CRON_FIELD.fullmatch(part) for field in fields for part in field.split(",")
    )


def check_config(new: bytes, spec: ConfigFileSpec) -> Iterator[Preflight]:
    """Yield what speaks against a configuration file: its format and its rules."""
    try:
        text = new.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Preflight("format", Grade.STOP, clean(f"byte {error.start} is no UTF-8"))
        return
    problem, tree = _parsed(text, spec.format)
    if problem:
        yield Preflight("format", Grade.STOP, clean(f"{spec.format}: {problem}"))
        return
    yield Preflight("format", Grade.PASS, clean(f"{spec.format} parses"))
    for rule in spec.rules:
        if problem := rule_problem(rule, tree, text):
            yield Preflight("rules", Grade.STOP, clean(f"{rule}: {problem}"))


def _parsed(text: str, kind: str) -> tuple[str, Any]:
    """Return what is wrong, and the tree where there is one."""
    try:
        if kind == "json":
            return "", json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        if kind == "yaml":
            # Its form only: no alias is opened, no object made.
            deque(cast("Iterator[object]", yaml.parse(text, yaml.SafeLoader)), maxlen=0)  # pyright: ignore[reportUnknownMemberType]
        if kind == "python":
            ast.parse(text)
        if kind == "env":
            faults = parse_env(text.encode()).faults
            return (f"line {faults[0].line}: {faults[0].text}" if faults else ""), None
    except (ValueError, RecursionError, SyntaxError, MemoryError) as error:
        return str(error) or type(error).__name__, None
    except yaml.YAMLError as error:
        return " ".join(str(error).split())[:300], None
    return "", None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the key {name!r} stands there twice")
        found[name] = value
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def rule_problem(rule: str, tree: Any, text: str) -> str:
    """Return how a rule does not hold; empty: it does.

    `X is not empty`, `X is one of Y`, `X is VALUE` ask a tree of keys; anything else is looked for
    in the text.
    """
    if tree is None:
        return "" if rule in text else "is not there"
    if match := _RULE_EMPTY.fullmatch(rule):
        return "" if _at(tree, match[1]) else "it is"
    if match := _RULE_ONE_OF.fullmatch(rule):
        several = _at(tree, match[2])
        return "" if isinstance(several, list | dict) and _at(tree, match[1]) in several else "no"
    if match := _RULE_IS.fullmatch(rule):
        found = _at(tree, match[1])
        return "" if json.dumps(found).strip('"') == match[2] else "it is not"
    return "" if rule in text else "is not there"


def _at(tree: Any, path: str) -> Any:
    for name in path.split("."):
        tree = cast("dict[str, Any]", tree).get(name) if isinstance(tree, dict) else None
    return tree
