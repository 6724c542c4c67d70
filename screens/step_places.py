"""Where a step of a procedure is looked at: its screen, and what is selected there. Pure."""

from dataclasses import dataclass

from core.model.operation import ProcedureStep

_EDITED = {"env": "env.edit", "config": "config.edit"}


@dataclass(frozen=True, slots=True)
class StepPlace:
    """A screen, and what to go to on it."""

    place: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class StepFile:
    """A file that is read where it would be edited."""

    action: str
    target: str


@dataclass(frozen=True, slots=True)
class StepReleases:
    """The releases of a repository."""

    target: str


_FIXED = {
    "host": StepPlace("host"),
    "alerts": StepPlace("alerts"),
    "redis": StepPlace("host", "redis"),
    "metrics": StepPlace("host", "metrics"),
    "backups": StepPlace("actions", "backups"),
    "tuning": StepPlace("actions", "possible"),
}
"""Of what stands in one place only, whichever of it is meant."""

StepSight = StepPlace | StepFile | StepReleases


def sight_of(system: str, step: ProcedureStep) -> StepSight | None:
    """Return where a look, or a check, is looked at; None: no screen shows it."""
    match step.kind:
        case "log":
            return StepPlace("logs", f"{system}/{step.what}")
        case "check":
            return StepPlace("services", f"{system}/{step.what.partition('/')[0]}")
        case "view":
            head, _, rest = step.what.partition("/")
            return _sight(system, head, rest)
        case _:
            return None


def _sight(system: str, head: str, rest: str) -> StepSight | None:
    whole = f"{system}/{rest}" if rest else system
    if head in _FIXED:
        return _FIXED[head]
    if head in _EDITED:
        return StepFile(_EDITED[head], whole)
    match head:
        case "repos":
            return StepReleases(whole)
        case "services" | "logs":
            return StepPlace(head, whole)
        case "streams":
            return StepPlace("streams", rest or head)
        case "circuits" | "limits":
            return StepPlace("limits", f"{system}/{head}/{rest}")
        case "keys":
            # Kinds of tokens stand nowhere but with the secrets that sign them.
            return StepPlace("keys", "secrets" if rest == "jwt" else whole)
        case _:
            return None
