"""Fills a command's template with what a person gave; no value becomes an option or code. Pure."""

import re
from dataclasses import dataclass

from core.actions.verdicts.calls import takes_code
from core.errors import ActionError
from core.model.operation import CommandSpec
from core.model.secret import MASK
from core.model.text import clean

_SECRET = "secret"  # noqa: S105 - how inputs are called that hold one
_FILE = "file:"
_MAX_CHARS = 4096


@dataclass(frozen=True, slots=True)
class Filled:
    """A command line, and the file that goes to its standard input."""

    argv: tuple[str, ...]
    stdin_file: str = ""
    """A file with the secret that the program reads from standard input; empty: no input."""


def is_secret(name: str) -> bool:
    """Tell whether an input holds what is never shown."""
    return name.startswith(_SECRET)


def placeholders(spec: CommandSpec) -> frozenset[str]:
    """Return the inputs that stand in the command line."""
    text = "\0".join(spec.argv)
    return frozenset(name for name, _ in spec.inputs if f"{{{name}}}" in text)


def secret_words(spec: CommandSpec) -> tuple[str, ...]:
    """Return the secrets that this program takes as words, where everybody can read them."""
    return tuple(sorted(name for name in placeholders(spec) if is_secret(name)))


def fill(spec: CommandSpec, inputs: tuple[tuple[str, str], ...]) -> Filled:
    """Return the command line.

    Raises:
        ActionError: an input is missing, not known, no word, or would become an option or code.
    """
    given, known = dict(inputs), {name for name, _ in spec.inputs}
    for name in given:
        if name not in known:
            has = ", ".join(sorted(known)) or "none"
            raise ActionError(f"{spec.name} takes no input {name!r}; it takes: {has}")
    for name, what in spec.inputs:
        if not given.get(name):
            raise ActionError(f"{spec.name} needs --set {name}=…: {clean(what)}")
    used = placeholders(spec)
    values = {name: _word(name, given[name]) for name in used if not is_secret(name)}
    values |= {name: MASK for name in used if is_secret(name)}
    _refuse_code(spec, used)
    argv = tuple(_filled(spec, index, values) for index in range(len(spec.argv)))
    return Filled(argv, _stdin(given, used))


def _word(name: str, value: str) -> str:
    if not value.isprintable():
        raise ActionError(f"{name} holds a character that cannot be seen")
    if len(value) > _MAX_CHARS:
        raise ActionError(f"{name} has {len(value)} characters; {_MAX_CHARS} at most")
    return value


def _refuse_code(spec: CommandSpec, used: frozenset[str]) -> None:
    for index, word in enumerate(spec.argv):
        named = [name for name in used if f"{{{name}}}" in word]
        if named and index == 0:
            raise ActionError(f"{spec.name}: an input cannot name the program itself")
        if named and takes_code(spec.argv, index):
            raise ActionError(
                f"{spec.name}: the input {named[0]} stands inside a program's text; "
                "have the program read it from its words instead"
            )


def _filled(spec: CommandSpec, index: int, values: dict[str, str]) -> str:
    template = spec.argv[index]
    if not values:
        return template
    names = "|".join(re.escape(name) for name in values)
    # At once, so that a value with braces is not filled again.
    word = re.sub(rf"\{{({names})\}}", lambda match: values[match.group(1)], template)
    is_option = word.startswith("-") and not template.startswith("-")
    if is_option and "--" not in spec.argv[:index]:
        raise ActionError(f"{clean(word, 80)} would be an option of {clean(spec.argv[0])}")
    return word


def _stdin(given: dict[str, str], used: frozenset[str]) -> str:
    """Return the file whose content goes to standard input."""
    secrets = [name for name in given if is_secret(name)]
    for name in secrets:
        path = given[name].removeprefix(_FILE)
        if not given[name].startswith(_FILE) or not path.startswith("/"):
            raise ActionError(f"{name} is a secret: give {name}=file:/path of a file that holds it")
    beside = [name for name in secrets if name not in used]
    if len(beside) > 1:
        raise ActionError(f"only one secret fits into standard input, not {', '.join(beside)}")
    return given[beside[0]].removeprefix(_FILE) if beside else ""
