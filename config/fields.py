"""Fields that people write as text: durations, sizes, addresses, paths, references."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol, cast

from pydantic_core import PydanticCustomError

from config.addresses import HTTP, REDIS, Address, parse_address
from config.conditions import CONDITION_PATTERN, parse_condition
from config.quantities import (
    DURATION_PATTERN,
    MEASURE_PATTERN,
    SIZE_PATTERN,
    Measure,
    parse_duration,
    parse_measure,
    parse_size,
)
from config.references import (
    REFERENCE_PATTERN,
    ReferenceBroken,
    SecretReference,
    expand,
    parse_secret,
)
from core.model.check import Condition


class ValidationInfo(Protocol):
    """What the validator tells a field: the loader's environment."""

    @property
    def context(self) -> object:
        """The mapping given to `validate`."""
        ...


Parser = Callable[[str, Mapping[str, str]], object]
"""Takes the text and the environment."""


_MAX_CHARS = 4096


@dataclass(frozen=True, slots=True)
class Reads:
    """Marks a field whose text is read by a function."""

    parse: Parser
    example: str
    pattern: str = ""
    is_number_text: bool = False
    """A bare number is text too (`threshold: 100`)."""

    def read(self, value: object, info: ValidationInfo) -> object:
        """Return what the text means; called by the validator.

        Raises:
            PydanticCustomError: not a text, or one that cannot be read.
        """
        if self.is_number_text and isinstance(value, int | float) and not isinstance(value, bool):
            value = f"{value:f}".rstrip("0").rstrip(".")
        if not isinstance(value, str):
            is_bare = isinstance(value, int | float) and not isinstance(value, bool)
            unit = self.example.lstrip("0123456789.")
            if is_bare and unit != self.example:
                raise problem("a number needs its unit", f"write {value}{unit}, if that is meant")
            raise problem(f"should be a text such as {self.example}", f"write {self.example}")
        if len(value) > _MAX_CHARS:
            raise problem(f"longer than {_MAX_CHARS} characters", "shorten it")
        # `validate` is the only caller and its context is the environment.
        env = cast("Mapping[str, str]", info.context or {})
        try:
            return self.parse(value, env)
        except ReferenceBroken as broken:
            raise problem(broken.what, broken.remedy) from broken
        except ValueError as error:
            what, _, remedy = str(error).partition("; ")
            raise problem(what, remedy or f"write it as {self.example}") from error


def problem(what: str, remedy: str) -> PydanticCustomError:
    """Return an error that the loader shows with its place."""
    return PydanticCustomError("quarterdeck", "{what}", {"what": what, "remedy": remedy})


def _web(text: str, env: Mapping[str, str]) -> Address:
    return parse_address(text, env)


def _target(text: str, env: Mapping[str, str]) -> Address:
    return parse_address(text, env, (*HTTP, "tcp", *REDIS), can_be_relative=True)


def _below_base(text: str, env: Mapping[str, str]) -> Address:
    return parse_address(text, env, can_be_relative=True)


def _redis(text: str, env: Mapping[str, str]) -> Address:
    return parse_address(text, env, REDIS)


def _docker(text: str, env: Mapping[str, str]) -> Address:
    return parse_address(text, env, ("unix", "tcp", "http", "https", "ssh"))


def _zone(text: str, _env: Mapping[str, str]) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - few files name a zone

    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("not a zone; write UTC, or a name such as Europe/Rome") from error


def _path(text: str, env: Mapping[str, str]) -> str:
    full = expand(text, env)
    if not full.strip() or "\x00" in full:
        raise ValueError("not a path; name a file or folder")
    if full[:2] == "~/":
        full = env.get("HOME", "~") + full[1:]
    return full


@dataclass(frozen=True, slots=True)
class Matches:
    """Marks a text that must match a pattern."""

    pattern: str
    form: str = ""
    """The pattern in words; empty: the pattern says it."""

    @property
    def words(self) -> str:
        """What may stand there, for a message."""
        return self.form or f"a text that matches {self.pattern}"


Name = Annotated[
    str,
    Matches(r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$", "letters, digits, `_`, `.` and `-`, at most 63"),
]
"""A name that may stand in an id: letters, digits, `_`, `.` and `-`."""
OperationId = Annotated[
    str, Matches(r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)+$", "the id of a row, such as 003-042")
]
"""A row of a runbook, such as `003-042`."""
Variable = Annotated[str, Matches(r"^[A-Za-z_][A-Za-z0-9_]*$", "the name of a variable")]
"""The name of an environment variable; never its value."""
Duration = Annotated[float, Reads(lambda text, _: parse_duration(text), "30s", DURATION_PATTERN)]
"""Seconds."""
Size = Annotated[int, Reads(lambda text, _: parse_size(text), "512MiB", SIZE_PATTERN)]
"""Bytes."""
Amount = Annotated[
    Measure, Reads(lambda text, _: parse_measure(text), "5%", MEASURE_PATTERN, is_number_text=True)
]
"""A number with a unit."""
WebAddress = Annotated[Address, Reads(_web, "http://localhost:8000")]
BelowBase = Annotated[Address, Reads(_below_base, "/health")]
"""http(s), or a path below the service's `base_url`."""
Target = Annotated[Address, Reads(_target, "/health")]
"""What a check probes: http(s), tcp, redis, or a path below the service's `base_url`."""
RedisAddress = Annotated[Address, Reads(_redis, "redis://localhost:6379/0")]
DockerAddress = Annotated[Address, Reads(_docker, "unix:///var/run/docker.sock")]
PathText = Annotated[str, Reads(_path, "/opt/shop")]
"""A file or folder; relative ones start at the system's root. `~/` and references are expanded."""
ZoneName = Annotated[str, Reads(_zone, "Europe/Rome")]
"""A zone of the time zone database."""
SecretText = Annotated[
    SecretReference, Reads(lambda text, _: parse_secret(text), "${NAME}", REFERENCE_PATTERN)
]
"""A reference to a secret; a value is refused."""
ConditionText = Annotated[
    Condition,
    Reads(
        lambda text, _: parse_condition(text),
        "checks.disk_percent < 90 else down",
        CONDITION_PATTERN,
    ),
]
