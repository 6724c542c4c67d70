"""What every part of the configuration is made of: frozen, and knowing all its keys.

A `Section` declares its fields as a pydantic model does, and pydantic's own validator checks them
(`config.validation`). Only the class machinery is ours: see docs/adr for what it saves.
"""

from functools import cache
from typing import Any, Never


class Section:
    """A part of the configuration.

    Made by `config.validation.validate` only. An attribute without a value must be given; the
    text below an attribute describes it in the JSON Schema.
    """

    # The names are those that pydantic's validator fills when it makes an instance.
    __slots__ = (
        "__dict__",
        "__pydantic_extra__",
        "__pydantic_fields_set__",
        "__pydantic_private__",
    )
    __hash__ = None  # pyright: ignore[reportAssignmentType] - holds dicts, as equal as their content

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be removed")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({shown})"

    def reason_against(self) -> tuple[str, str] | None:
        """Return what is wrong with the section as a whole and the remedy; None: nothing."""
        return None


@cache
def fields_of(kind: type[Section]) -> dict[str, Any]:
    """Return field name to its annotation, in the order of the class."""
    return dict(kind.__annotations__)


@cache
def keys_of(kind: type[Section]) -> dict[str, Any]:
    """Return key in the file to its annotation."""
    return {key_of(name): annotation for name, annotation in fields_of(kind).items()}


def key_of(field: str) -> str:
    """Return the key of a field: `for_` is `for`, a word that Python keeps for itself."""
    return field.removesuffix("_")
