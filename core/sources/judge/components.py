"""Finds the sub-checks inside a body and what each says. Pure."""

from core.clients.json_body import JsonValue
from core.model.check import Component
from core.model.text import EMPTY, SafeText, clean
from core.model.verdict import Verdict
from core.sources.judge.reading import field, fields_of, items_of, text_of
from core.sources.judge.words import UNKNOWN_WORDS, verdict_of_value, verdict_of_word

_GROUPS = (
    "checks", "components", "services", "dependencies", "details", "features", "subsystems",
    "entries", "results", "info", "error",
)  # fmt: skip
_HEALTHY_SUFFIXES = ("_healthy", "_ok", "_valid", "_ready", "_alive", "_connected", "_up")
_PLAIN_FLAGS = frozenset(
    {"database", "db", "redis", "cache", "queue", "broker", "scheduler", "worker"}
)
_COMPONENTS_MAX = 200


def components_of(body: JsonValue) -> tuple[Component, ...]:
    """Return the sub-checks of a health body.

    Shapes: groups of objects, words or flags; a list of named objects; flags beside the status
    such as `security_healthy` with `security_error`.
    """
    found: list[Component] = []
    for name, value in fields_of(body).items():
        folded = name.casefold()
        if folded in _GROUPS and isinstance(value, dict):
            found += _of_group(value)
        elif folded in _GROUPS:
            found += [one for item in items_of(value) if (one := _of_item(item)) is not None]
        elif folded.endswith(_HEALTHY_SUFFIXES) and isinstance(value, bool):
            found.append(_of_flag(body, name, value=value))
        elif folded in _PLAIN_FLAGS and (one := _of_value(name, value)) is not None:
            found.append(one)
    return tuple(found[:_COMPONENTS_MAX])


def _of_group(group: dict[str, JsonValue]) -> list[Component]:
    found = (_of_value(name, value) for name, value in group.items())
    return [component for component in found if component is not None]


def _of_value(name: str, value: JsonValue) -> Component | None:
    """Return a component from a name and an object, word, flag or one-entry list."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        # health+json: {"redis:connections": [{"status": "pass"}]}
        value = value[0]
    if isinstance(value, dict):
        return _of_object(name, value)
    verdict = verdict_of_value(value)
    if verdict is None:
        return None
    if isinstance(value, str) and _is_free_text(value, verdict):
        return None
    return Component(clean(name, 80), verdict, text_of(value))


def _is_free_text(word: str, verdict: Verdict) -> bool:
    """Return whether a text is information rather than a status: a version, a stamp, a sentence."""
    return verdict is Verdict.UNKNOWN and word.strip().casefold() not in UNKNOWN_WORDS


def _of_item(item: JsonValue) -> Component | None:
    name = text_of(field(item, "name", "id", "component", "service", "check"), 80)
    return _of_object(name, item) if name and isinstance(item, dict) else None


def _of_object(name: str, value: dict[str, JsonValue]) -> Component | None:
    flag = field(value, "healthy", "ok", "success", "is_healthy", "up", "alive")
    word = field(value, "status", "state", "health")
    verdict = verdict_of_value(flag) if flag is not None else None
    if verdict is None and word is not None:
        verdict = verdict_of_value(word)
    if verdict is None:
        return None
    if verdict is Verdict.OK and isinstance(word, str):
        verdict = max(verdict, verdict_of_word(word), key=lambda one: one.rank)
    return Component(clean(name, 80), verdict, _explained(value))


def _explained(value: dict[str, JsonValue]) -> SafeText:
    said = field(value, "error", "message", "detail", "output", "reason", "status", "state")
    return text_of(said)


def _of_flag(body: JsonValue, name: str, *, value: bool) -> Component:
    stem = name.casefold()
    for suffix in _HEALTHY_SUFFIXES:
        stem = stem.removesuffix(suffix)
    error = text_of(field(body, f"{stem}_error", f"{stem}_message")) if not value else EMPTY
    verdict = Verdict.OK if value else Verdict.DOWN
    return Component(clean(name, 80), verdict, error or text_of(value))
