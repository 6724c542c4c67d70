"""Which pictures are taken: every screen at three sizes, every theme, every state worth a look."""

from dataclasses import dataclass, replace
from typing import Any

from bench.scene import calm, loading, trouble
from core.model.views import Picture
from tui.themes import AUTO, THEME_NAMES

Size = tuple[int, int]

SMALL, MIDDLE, LARGE = (80, 24), (120, 40), (200, 60)
SIZES = (SMALL, MIDDLE, LARGE)
SCREENS = {
    "overview": "1",
    "services": "2",
    "logs": "3",
    "streams": "4",
    "limits": "5",
    "keys": "6",
    "host": "9",
    "actions": "0",
}
WAITING = {"alerts": "7", "runbook": "8"}


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture to take."""

    name: str
    picture: Picture
    size: Size
    keys: tuple[str, ...] = ()
    theme: str = "dark"
    has_colour: bool = True
    """False: as with `NO_COLOR` set."""
    is_presenting: bool = False
    """Others look."""


def shots() -> tuple[Shot, ...]:
    """Return all pictures there are: snapshot tests hold each of them."""
    return (
        *documented(),
        *_themes_elsewhere(),
        *_states(),
        *_logs(),
        *_streams(),
        *_keys(),
        *_acting(),
        *_small_rooms(),
    )


def documented() -> tuple[Shot, ...]:
    """Return the pictures of the guide."""
    bad = trouble()
    return (
        *(_sized(name, bad, size, key) for name, key in SCREENS.items() for size in SIZES),
        *(_sized(name, bad, MIDDLE, key) for name, key in WAITING.items()),
        *(
            Shot(f"overview-{theme}", bad, MIDDLE, theme=theme)
            for theme in THEME_NAMES
            if theme not in {AUTO, "dark"}
        ),
        Shot("overview-calm", calm(), MIDDLE),
        Shot("help", bad, MIDDLE, ("question_mark",)),
        Shot("command", bad, MIDDLE, ("colon", "s")),
    )


def _sized(name: str, picture: Picture, size: Size, *keys: str) -> Shot:
    return Shot(f"{name}-{size[0]}x{size[1]}", picture, size, keys)


def _themes_elsewhere() -> list[Shot]:
    """Return the screens with tables in every theme, and what is left without any colour."""
    bad = trouble()
    found = [
        Shot(f"{name}-{theme}", bad, MIDDLE, (SCREENS[name],), theme)
        for name in ("services", "host")
        for theme in THEME_NAMES
        if theme not in {AUTO, "dark"}
    ]
    for name, *keys in (("overview",), ("services", "2"), ("help", "question_mark")):
        found.append(Shot(f"{name}-no-colour", bad, MIDDLE, (*keys,), "sixteen", has_colour=False))
    return found


def _states() -> list[Shot]:
    """Return the states that lie over a screen, where they look different in another room."""
    bad = trouble()
    found = [Shot("overview-loading", loading(), MIDDLE)]
    for size in (SMALL, LARGE):
        found += [
            _sized("help", bad, size, "question_mark"),
            _sized("command", bad, size, "colon", "s"),
        ]
    for size in SIZES:
        found += [
            _sized("palette", bad, size, "2", "ctrl+p"),
            _sized("paused", bad, size, "p"),
        ]
    for size in (SMALL, MIDDLE):
        found += [
            _sized("filter-open", bad, size, "2", "slash", "c", "o"),
            _sized("faults-only", bad, size, "2", "exclamation_mark"),
        ]
    return [
        *found,
        _sized("overview-faults-only", bad, MIDDLE, "exclamation_mark"),
        _sized("services-on-check", bad, MIDDLE, "2", "enter"),
        _sized("services-full", bad, SMALL, "2", "f"),
        *(_sized("host-process", bad, size, "9", "tab", "enter") for size in SIZES),
        _sized("host-metrics-full", bad, MIDDLE, "9", "tab", "tab", "tab", "tab", "f"),
        *(
            _sized(f"host-redis-{name}", bad, size, "9", "shift+tab", *keys)
            for name, keys in _REDIS_STATES.items()
            for size in SIZES
        ),
    ]


_REDIS_STATES: dict[str, tuple[str, ...]] = {
    "evicting": (),
    "misconf": ("right_square_bracket",),
    "well": ("right_square_bracket",) * 2,
    "refused": ("left_square_bracket",),
}
"""To the keys that choose a server in that state."""


def _acting() -> list[Shot]:
    """Return the pages of the screen of actions, an action in every state, and every dialog."""
    bad = trouble()
    found: list[Shot] = []
    for size in SIZES:
        for turns, page in enumerate(("possible", "audit", "backups", "procedures"), 1):
            turned = ("0", *["right_square_bracket"] * turns)
            found.append(_sized(f"actions-{page}", bad, size, *turned))
        for down, state in enumerate(_ACTION_STATES):
            found.append(_sized(f"action-{state}", bad, size, "0", *["down"] * down, "enter"))
        found += [_sized(f"confirm-{name}", bad, size, *_dialog(name)) for name in _DIALOGS]
        found.append(_sized("procedure-running", bad, size, *_procedure(1), "enter"))
    for name in ("phrase-unread", "unarmed"):
        keys = _dialog("phrase", is_armed=name != "unarmed", is_read=False)
        found += [_sized(f"confirm-{name}", bad, size, *keys) for size in (SMALL, MIDDLE)]
    for name, (down, *keys) in _PROCEDURES.items():
        found.append(_sized(f"procedure-{name}", bad, MIDDLE, *_procedure(down), *keys))
    phrase = _dialog("phrase")
    for theme in THEME_NAMES:
        if theme not in {AUTO, "dark"}:
            found.append(Shot(f"confirm-phrase-{theme}", bad, MIDDLE, phrase, theme))
    return [
        *found,
        Shot("confirm-phrase-no-colour", bad, MIDDLE, phrase, "sixteen", has_colour=False),
        Shot("actions-no-colour", bad, MIDDLE, ("0",), "sixteen", has_colour=False),
        _sized("offers", bad, SMALL, "0", *["right_square_bracket"] * 3, "enter"),
        _sized("offers-filtered", bad, SMALL, "0", *["right_square_bracket"] * 3, "enter", *"ver"),
        _sized("action-resolve", bad, SMALL, "0", "A", "down", "M"),
    ]


_ACTION_STATES = ("running", "needs-human", "unfinished", "failed", "undone", "recovered", "drift")
_DIALOGS = {"none": 0, "enter": 1, "list": 2, "phrase": 3, "second-person": 4, "stopped": 5,
            "expired": 6}  # fmt: skip
"""To the number of the offer that leads there."""


_PROCEDURES: dict[str, tuple[Any, ...]] = {
    "failed": (0,), "waits": (2,), "finished": (3,), "asks": (4, "b"), "skip": (2, "S"),
    "begin": (4, "b", *"why", "enter"), "needed": (5,), "skip-part": (5, "P"),
}  # fmt: skip
"""To the number of the procedure that stands so, and the keys from there."""


def _procedure(down: int) -> tuple[str, ...]:
    return ("0", *["right_square_bracket"] * 4, *["down"] * down)


def _dialog(name: str, *, is_armed: bool = True, is_read: bool = True) -> tuple[str, ...]:
    """Return the keys to a dialog, and to its end: until it listens, it drops them."""
    armed = ("A",) if is_armed else ()
    down = ("down",) * _DIALOGS[name]
    read = ("pagedown",) * 6 if is_read else ()
    return ("0", *armed, "right_square_bracket", *down, "enter", "wait:700", *read)


def _logs() -> list[Shot]:
    """Return what the Logs screen looks like while somebody works with it."""
    bad = trouble()
    search = ("slash", *"refused", "enter")
    states = {
        "record": ("E", "enter"),
        "filtered": ("exclamation_mark",),
        "search": search,
        "count-by": ("E", "enter", "enter", "b"),
        "held": ("k", "k", "k", "m"),
        "saved": ("Q",),
        "percentiles": ("Q", *"response", "enter"),
        "housekeeping": ("H",),
        "menu": ("E", "enter", "enter", "x"),
    }
    found = [
        _sized(f"logs-{name}", bad, size, "3", *keys)
        for name, keys in states.items()
        for size in SIZES
    ]
    for name, keys in {
        "menu-of-a-row": ("x",),
        "saved-asks": ("Q", *"one", "enter"),
        "saved-elsewhere": ("Q", *"personal"),
        "saved-count": ("Q", *"client", "enter"),
        "histogram": ("shift+tab", "left", "left", "left"),
        "typing": ("ampersand", *"level", "greater_than_sign"),
        "mistake": ("ampersand", *"level", "equals_sign", *"bad", "enter"),
        "no-match": ("ampersand", *"xyzzy", "enter"),
        "waiting": ("L", "G", "enter"),
        "help": ("question_mark",),
    }.items():
        found.append(_sized(f"logs-{name}", bad, MIDDLE, "3", *keys))
    found += [
        _sized("logs-list", bad, SMALL, "3", "L"),
        _sized("logs-mistake", bad, SMALL, "3", "ampersand", *"x", "equals_sign", "enter"),
        Shot("logs-no-colour", bad, MIDDLE, ("3", *search), "sixteen", has_colour=False),
    ]
    for theme in THEME_NAMES:
        if theme not in {AUTO, "dark"}:
            found.append(Shot(f"logs-{theme}", bad, MIDDLE, ("3", "E"), theme))
    return found


def _streams() -> list[Shot]:
    """Return the pages of the Streams screen, and what a person does on them."""
    bad = trouble()
    pending = ("4", "down", "enter", "enter")
    states = {
        "groups": ("4", "down", "enter", "down"),
        "pending": pending,
        "entry": (*pending, "enter"),
        "entries": ("4", "down", "e"),
        "letters": ("4", "down", "down", "enter", "down", "space"),
    }
    found = [
        _sized(f"streams-{name}", bad, size, *keys)
        for name, keys in states.items()
        for size in SIZES
    ]
    mistake = (*pending, "slash", *"idle", "greater_than_sign", "x", "enter")
    return [
        *found,
        _sized("streams-mistake", bad, MIDDLE, *mistake),
        Shot("streams-no-colour", bad, MIDDLE, ("4", "down"), "sixteen", has_colour=False),
    ]


def _keys() -> list[Shot]:
    """Return the pages of the Keys screen, and what a person does on them."""
    bad = trouble()
    states = {
        "usage": ("6", "right_square_bracket"),
        "secrets": ("6", "left_square_bracket"),
        "secret": ("6", "left_square_bracket", "enter"),
        "key": ("6", "down", "down", "down", "enter"),
        "filtered": ("6", "slash", *"dev", "enter"),
    }
    found = [
        _sized(f"keys-{name}", bad, size, *keys) for name, keys in states.items() for size in SIZES
    ]
    return [
        *found,
        _sized("keys-store", bad, MIDDLE, "6", "G", "enter"),
        _sized("keys-faults-only", bad, MIDDLE, "6", "exclamation_mark"),
        *_presenting_keys(),
        Shot("keys-no-colour", bad, MIDDLE, ("6",), "sixteen", has_colour=False),
        Shot("keys-light", bad, MIDDLE, ("6",), "light"),
    ]


def _presenting_keys() -> list[Shot]:
    """Return what others see of keys, and the dialog that shows a new one."""
    bad, reveal = trouble(), ("6", "A", "v")
    seen = {
        "keys": ((), SIZES),
        "keys-usage": (("right_square_bracket",), (MIDDLE,)),
        "keys-secrets": (("left_square_bracket",), (LARGE,)),
    }
    return [
        *(
            replace(_sized(f"{name}-presenting", bad, size, "6", *keys), is_presenting=True)
            for name, (keys, sizes) in seen.items()
            for size in sizes
        ),
        _sized("keys-alarm-read", bad, MIDDLE, "6", "m"),
        _sized("keys-reveal-asks", bad, MIDDLE, *reveal),
        _sized("keys-reveal-presenting", bad, MIDDLE, *reveal, "ctrl+o", "enter"),
        *(_sized("keys-reveal", bad, size, *reveal, "enter", "c") for size in (SMALL, LARGE)),
    ]


def _small_rooms() -> list[Shot]:
    bad = trouble()
    return [
        _sized("overview", bad, (40, 10), "1"),
        _sized("services", bad, (40, 10), "2"),
        _sized("logs", bad, (40, 10), "3"),
        _sized("too-small", bad, (38, 8)),
    ]
