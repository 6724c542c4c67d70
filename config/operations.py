"""What may be done and known about a system, beyond what is watched."""

from config.section import Section
from config.settings import Threshold


class Operations(Section):
    """The part of a system that procedures, alerts and actions read."""

    thresholds: dict[str, Threshold] = {}
