"""The commands: one typed table for the command line, its completion, and the palette."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum, auto
from functools import partial
from typing import Final, Protocol

from core.model.action import Offer
from core.model.text import clean
from core.model.topology import Topology
from screens.command import Completion
from tui.places import PLACES, Place
from tui.themes import THEME_NAMES


class Console(Protocol):
    """What commands can ask of the application; its Textual actions have the same names."""

    def action_go(self, place: str, target: str = "") -> None: ...
    def action_theme(self, name: str) -> None: ...
    def action_filter(self, text: str) -> None: ...
    def action_faults(self) -> None: ...
    def action_pause(self) -> None: ...
    def action_full(self) -> None: ...
    def action_refresh_now(self) -> None: ...
    def action_redraw(self) -> None: ...
    def action_help(self) -> None: ...
    def action_last(self) -> None: ...
    def action_leave(self) -> None: ...
    def action_demo_fault(self, name: str) -> None: ...
    def action_do(self, what: str) -> None: ...
    def action_arm(self) -> None: ...
    def action_present(self) -> None: ...


class Argument(Enum):
    """What a command takes after its name."""

    NOTHING = auto()
    SYSTEM = auto()
    SERVICE = auto()
    """`system`, `service` or `system/service`."""
    THEME = auto()
    FAULT = auto()
    """A fault of the demo that this console watches."""
    OFFER = auto()
    """An action and its target: `service.restart shop/api`."""
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Command:
    """One command."""

    name: str
    summary: str
    run: Callable[[Console, str], None]
    argument: Argument = Argument.NOTHING
    is_argument_needed: bool = False
    aliases: tuple[str, ...] = ()
    binding: str = ""
    """Id of the binding that does the same."""


def _go_to(place: Place) -> Command:
    takes = {
        "services": Argument.SERVICE,
        "overview": Argument.SYSTEM,
        "logs": Argument.SERVICE,
    }
    return Command(
        place.name,
        f"Show {place.title}",
        lambda console, target: console.action_go(place.name, target),
        takes.get(place.name, Argument.NOTHING),
        aliases=place.aliases,
        binding=f"go.{place.name}",
    )


def _go_to_actions(page: str, console: Console, _: str) -> None:
    console.action_go("actions", page)


def _go_to_logs(page: str, console: Console, _: str) -> None:
    console.action_go("logs", f":{page}")


def _go_to_keys(page: str, console: Console, _: str) -> None:
    console.action_go("keys", page)


def _go_to_redis(console: Console, _: str) -> None:
    console.action_go("host", "redis")


COMMANDS: Final[tuple[Command, ...]] = (
    *(_go_to(place) for place in PLACES),
    Command(
        "system",
        "Show one system on the Overview",
        lambda console, name: console.action_go("overview", name),
        Argument.SYSTEM,
        is_argument_needed=True,
    ),
    Command(
        "filter",
        "Show only rows with this text; without text, all rows",
        lambda console, text: console.action_filter(text),
        Argument.TEXT,
        binding="app.filter",
    ),
    Command(
        "faults",
        "Show only what is in trouble",
        lambda c, _: c.action_faults(),
        binding="app.faults",
    ),
    Command(
        "pause",
        "Freeze the screen, or let it go on",
        lambda c, _: c.action_pause(),
        binding="app.pause",
    ),
    Command(
        "full", "Give one pane the whole screen", lambda c, _: c.action_full(), binding="app.full"
    ),
    Command(
        "refresh",
        "Look at everything now",
        lambda console, _: console.action_refresh_now(),
        binding="app.refresh",
    ),
    Command("redraw", "Draw the screen anew", lambda c, _: c.action_redraw(), binding="app.redraw"),
    Command(
        "theme",
        "Choose the colours",
        lambda console, name: console.action_theme(name),
        Argument.THEME,
        is_argument_needed=True,
    ),
    Command(
        "do",
        "Plan an action on a target; nothing is changed by that",
        lambda console, what: console.action_do(what),
        Argument.OFFER,
        is_argument_needed=True,
    ),
    *(
        Command(name, f"Show {what}", partial(_go_to_actions, name), aliases=aliases)
        for name, what, aliases in (
            ("possible", "everything that can be done", ("can",)),
            ("audit", "the audit trail, and whether it is whole", ()),
            ("backups", "backups with age, size and validity", ("backup",)),
            ("procedures", "procedures and where their last run stands", ("procedure",)),
        )
    ),
    *(
        Command(name, f"Show {what}", partial(_go_to_keys, name))
        for name, what in (
            ("usage", "what API keys are used for, and which are refused"),
            ("secrets", "secrets by name: where they are and how old"),
        )
    ),
    Command("redis", "Show Redis servers: memory, persistence, slow log, keys", _go_to_redis),
    *(
        Command(name, f"Show {what}", partial(_go_to_logs, name), aliases=aliases, binding=binding)
        for name, what, aliases, binding in (
            ("personal", "what looks personal in the logs", ("pii",), "log.personal"),
            (
                "housekeeping",
                "files of logs against their rules",
                ("retention",),
                "log.keeping",
            ),
        )
    ),
    Command("arm", "Switch changes on or off", lambda c, _: c.action_arm(), binding="app.arm"),
    Command(
        "present",
        "Hide what looks secret while others look, or no more",
        lambda c, _: c.action_present(),
        aliases=("presenting",),
        binding="app.present",
    ),
    Command("help", "All keys that work here", lambda c, _: c.action_help(), binding="app.help"),
    Command("last", "Back to the last view", lambda c, _: c.action_last(), binding="app.last"),
    Command("quit", "Leave the console", lambda c, _: c.action_leave(), aliases=("q", "exit")),
)

DEMO_FAULT: Final = Command(
    "demo-fault",
    "Switch a fault of the demo on, or off again",
    lambda console, name: console.action_demo_fault(name),
    Argument.FAULT,
    is_argument_needed=True,
)
"""Known only to a console that was opened on the demo."""

_BY_NAME: Final = {
    name: one for one in (*COMMANDS, DEMO_FAULT) for name in (one.name, *one.aliases)
}


@dataclass(frozen=True, slots=True)
class Words:
    """What arguments can be, from what is watched."""

    systems: tuple[str, ...]
    services: tuple[str, ...]
    """As `system/service`."""
    keys: Mapping[str, str]
    """Binding id to its key, as shown."""
    faults: tuple[str, ...] = ()
    """Faults that the demo can have; none: this is no demo."""
    offers: Mapping[str, str] = field(default_factory=dict[str, str])
    """`action target` to what it does in words, with the reason where it is not possible."""

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands that there are here."""
        return (*COMMANDS, DEMO_FAULT) if self.faults else COMMANDS

    def of(self, argument: Argument) -> tuple[str, ...]:
        """Return the words that an argument of this kind can be."""
        match argument:
            case Argument.SYSTEM:
                return self.systems
            case Argument.SERVICE:
                return (*self.systems, *self.services)
            case Argument.THEME:
                return THEME_NAMES
            case Argument.FAULT:
                return self.faults
            case Argument.OFFER:
                return tuple(self.offers)
            case Argument.NOTHING | Argument.TEXT:
                return ()


def words_of(
    topology: Topology,
    keys: Mapping[str, str],
    faults: tuple[str, ...] = (),
    offers: Iterable[Offer] = (),
) -> Words:
    """Return the names of what is watched and what can be done, and the keys in use."""
    services = (one.id for system in topology.systems for one in system.services)
    return Words(
        tuple(clean(system.name) for system in topology.systems),
        tuple(clean(f"{one.system}/{one.service}") for one in services),
        keys,
        faults,
        {f"{one.action} {clean(one.target)}": _words_of_offer(one) for one in offers},
    )


def _words_of_offer(offer: Offer) -> str:
    reason = f" ({offer.reason_against})" if offer.reason_against else ""
    return f"{offer.title}{reason}"


def parsed(text: str) -> tuple[Command | None, str]:
    """Return the command a line names, None when there is none, and its argument."""
    name, _, argument = text.strip().removeprefix(":").partition(" ")
    return _BY_NAME.get(name.lower()), argument.strip()


def problem_with(text: str, words: Words) -> str:
    """Return why a line cannot be run, with the nearest that could be; empty when it can."""
    command, argument = parsed(text)
    if command is None or command not in words.commands:
        name = text.strip().partition(" ")[0]
        return f"no command {clean(name, 30)}{_nearest(name, _BY_NAME)}"
    if not argument:
        return f"{command.name} what?" if command.is_argument_needed else ""
    if command.argument is Argument.NOTHING:
        return f"{command.name} takes no argument"
    if command.argument in {Argument.TEXT, Argument.SERVICE}:
        return ""
    known = words.of(command.argument)
    # What can be done may still be looked up; the desk says then what is wrong.
    is_looked_up = command.argument is Argument.OFFER and not known and " " in argument
    if argument in known or is_looked_up:
        return ""
    return f"no {command.argument.name.lower()} {clean(argument, 30)}{_nearest(argument, known)}"


def completions(text: str, words: Words) -> tuple[Completion, ...]:
    """Return how a command line can go on: names that begin as typed, then arguments."""
    name, blank, argument = text.lstrip().partition(" ")
    if not blank:
        return tuple(
            _completion(one, words)
            for one in words.commands
            if any(known.startswith(name.lower()) for known in (one.name, *one.aliases))
        )
    command = _BY_NAME.get(name.lower())
    if command is None or command not in words.commands:
        return ()
    return tuple(
        _with_argument(command, word, words)
        for word in ranked(argument.strip(), words.of(command.argument))
    )


def palette(text: str, words: Words) -> tuple[Completion, ...]:
    """Return everything there is, each thing as one line, the best match of `text` first."""
    everything = [_completion(one, words) for one in words.commands if not one.is_argument_needed]
    everything += [
        _with_argument(one, word, words)
        for one in words.commands
        for word in words.of(one.argument)
        if one.name != "overview"
    ]
    if not text.strip():
        return tuple(everything)
    by_text = {f"{one.command} {one.summary}": one for one in everything}
    return tuple(by_text[key] for key in ranked(text, by_text))


def ranked(wanted: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return the candidates that hold the letters of `wanted` in order, the closest first."""
    scored = [(score, one) for one in candidates if (score := _score(wanted, one)) is not None]
    return tuple(one for _, one in sorted(scored, key=lambda pair: pair[0]))


def _score(wanted: str, candidate: str) -> tuple[int, int] | None:
    """Return a key for sorting, smaller is closer; None when the letters are not there in order."""
    needle, hay = wanted.strip().lower(), candidate.lower()
    at = hay.find(needle)
    if at >= 0:
        starts_word = at == 0 or not hay[at - 1].isalnum()
        return (0 if starts_word else 1, at)
    position = first = -1
    for letter in needle.replace(" ", ""):
        position = hay.find(letter, position + 1)
        if position < 0:
            return None
        first = position if first < 0 else first
    return (2, position - first)


def _completion(one: Command, words: Words) -> Completion:
    takes_more = one.argument is not Argument.NOTHING
    return Completion(one.name, one.summary, words.keys.get(one.binding, ""), takes_more)


def _with_argument(one: Command, word: str, words: Words) -> Completion:
    is_offer = one.argument is Argument.OFFER
    return Completion(f"{one.name} {word}", words.offers[word] if is_offer else one.summary)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word.lower(), list(known), 1, 0.5)
    return f"; did you mean {near[0]}?" if near else ""
