"""The screen table: digits, commands, palette and lazy imports all come from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from screens.base import ConsoleScreen


@dataclass(frozen=True, slots=True)
class Place:
    """One screen. `make` imports it: a screen costs nothing until it is shown."""

    name: str
    """What `:` takes."""
    digit: str
    title: str
    make: Callable[[], ConsoleScreen]
    aliases: tuple[str, ...] = ()


def _overview() -> ConsoleScreen:
    from screens.overview import OverviewScreen

    return OverviewScreen("Overview")


def _services() -> ConsoleScreen:
    from screens.services import ServicesScreen

    return ServicesScreen("Services")


def _host() -> ConsoleScreen:
    from screens.host import HostScreen

    return HostScreen("Host & metrics")


def _logs() -> ConsoleScreen:
    from screens.logs import LogsScreen

    return LogsScreen("Logs")


def _actions() -> ConsoleScreen:
    from screens.actions import ActionsScreen

    return ActionsScreen("Actions & audit")


def _streams() -> ConsoleScreen:
    from screens.streams import StreamsScreen

    return StreamsScreen("Streams")


def _limits() -> ConsoleScreen:
    from screens.limits import LimitsScreen

    return LimitsScreen("Limits & circuits")


def _keys() -> ConsoleScreen:
    from screens.keys import KeysScreen

    return KeysScreen("Keys")


def _waiting(name: str) -> Callable[[], ConsoleScreen]:
    def make() -> ConsoleScreen:
        from screens.waiting import WaitingScreen
        from tui.promises import PROMISES

        return WaitingScreen(PLACES_BY_NAME[name].title, PROMISES[name])

    return make


PLACES: Final[tuple[Place, ...]] = (
    Place("overview", "1", "Overview", _overview, ("o", "home")),
    Place("services", "2", "Services", _services, ("svc", "checks")),
    Place("logs", "3", "Logs", _logs, ("log",)),
    Place("streams", "4", "Streams", _streams),
    Place("limits", "5", "Limits & circuits", _limits, ("circuits",)),
    Place("keys", "6", "Keys", _keys),
    Place("alerts", "7", "Alerts & incidents", _waiting("alerts"), ("incidents",)),
    Place("runbook", "8", "Runbook", _waiting("runbook")),
    Place("host", "9", "Host & metrics", _host, ("metrics",)),
    Place("actions", "0", "Actions & audit", _actions, ("act",)),
)
"""In the order of the digits."""

PLACES_BY_NAME: Final = {place.name: place for place in PLACES}
PLACES_BY_DIGIT: Final = {place.digit: place for place in PLACES}
FIRST: Final = PLACES[0].name
