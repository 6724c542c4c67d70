"""What `doctor` found about one need: reachable, a right missing, or not there, and the remedy."""

from dataclasses import dataclass

from core.model.text import EMPTY, SafeText
from core.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """One need of one system, and whether it is met."""

    area: str
    """Where it belongs: a system's name, or `host`."""
    subject: SafeText
    """What was looked at: `docker socket`, `log api`, `redis`."""
    verdict: Verdict
    """ok; degraded: a right is missing; down: not there; unknown: could not be found out."""
    text: SafeText
    """One line: what was seen."""
    remedy: SafeText = EMPTY
    """What to do about it; empty when nothing is needed."""
