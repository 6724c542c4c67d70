"""What the screens that are not built yet will show, and what serves on these systems until then.

Nothing here pretends: each line is a command that works in this version, or a place that the
configuration names.
"""

from typing import Final

from core.model.topology import (
    Topology,
)
from screens.waiting import Advice, Promise

_CHECK = Advice("quarterdeck check", "every check and threshold, once, with an exit code", True)
_STATUS = Advice("quarterdeck status --json", "everything that is known now", True)


def _watching(_topology: Topology) -> tuple[Advice, ...]:
    return (_CHECK, _STATUS)


PROMISES: Final[dict[str, Promise]] = {
    "alerts": Promise(
        (
            (
                "Alerts that are pending or firing, with the condition and its value, and "
                "incidents with their timeline."
            ),
        ),
        _watching,
    ),
    "runbook": Promise(
        ("Every operation of the systems' runbooks, and how each one is done from here.",),
        lambda topology: (
            Advice("Overview, Services and Host & metrics already show what the runbooks look up."),
            *_watching(topology),
        ),
    ),
}
