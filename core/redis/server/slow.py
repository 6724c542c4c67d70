"""The slow log as it may be shown: what made a command slow, and nothing that it carried. Pure."""

import re
from collections.abc import Callable, Sequence

from core.clients.keyspace.port import SlowFacts
from core.model.redis_key import KeyName
from core.model.redis_server import SlowCommand
from core.model.text import SafeText, clean

_WORDS = 10
_WORD_CHARS = 40
_COMMAND_CHARS = 120
_BARE = frozenset({"AUTH", "HELLO", "ACL", "CONFIG", "MIGRATE"})
"""Their words may be passwords: only what they are is shown."""
_SUBJECTS = frozenset({"ACL", "CONFIG", "FUNCTION", "SCRIPT"})
"""The word after these says what was done."""
_SCRIPTS = frozenset({"EVAL", "EVAL_RO", "FUNCTION", "SCRIPT"})
_CONTAINERS = frozenset({"XGROUP", "XINFO", "OBJECT", "MEMORY", "CLIENT", "DEBUG", "LATENCY"})
"""Their first word is no key, the second may be."""
_FIGURE = re.compile(r"[-+(\[]?(?:inf|\d[\d.e+-]{0,24})|\*|[-+$>~=]|0-0")
_OPTION = re.compile(r"[A-Z]{2,16}")
_SERVERS_NOTE = re.compile(r"\.\.\. \(\d+ more (?:arguments|bytes)\)")

ShowKey = Callable[[KeyName], SafeText]


def slow_commands(
    lines: Sequence[SlowFacts], now_s: float, show_key: ShowKey
) -> tuple[SlowCommand, ...]:
    """Return the slow log; ages are by the server's clock, `now_s`.

    `show_key` says how a key is shown: it may be a token, or have a secret in it.
    """
    return tuple(
        SlowCommand(
            id=line.id,
            age_s=now_s - line.time_s,
            took_us=line.took_us,
            command=command_text(line.words, show_key),
            client=clean(line.client, 64),
        )
        for line in lines
    )


def command_text(words: Sequence[bytes], show_key: ShowKey) -> SafeText:
    """Return a command with its key, figures and options; of everything else only the size."""
    if not words:
        return clean("(empty)")
    name = _text(words[0]).upper()
    shown = [name]
    rest = list(words[1:])
    if rest and name in _SUBJECTS:
        shown.append(_text(rest.pop(0)).upper())
    if name in _BARE:
        return _cut([*shown, "…"] if rest else shown)
    if name in _SCRIPTS:
        size = sum(len(word) for word in rest[:1])
        return _cut([*shown, f"(script of {size:,} bytes)", *_others(rest[1:])])
    if rest and name in _CONTAINERS:
        shown.append(_word(rest.pop(0)))
    if rest:
        key = rest.pop(0)
        is_figure = _FIGURE.fullmatch(_text(key)) is not None
        shown.append(_text(key) if is_figure else show_key(KeyName(key)))
    return _cut([*shown, *_with_patterns(rest, show_key)])


def _with_patterns(words: Sequence[bytes], show_key: ShowKey) -> list[str]:
    """Return what follows the key; after MATCH comes a pattern of keys."""
    others = _others(words)
    for place, word in enumerate(words[: _WORDS - 1]):
        if word.upper() == b"MATCH" and place + 1 < len(words):
            others[place + 1] = show_key(KeyName(words[place + 1]))
    return others


def _others(words: Sequence[bytes]) -> list[str]:
    more = [f"… {len(words) - _WORDS} more"] if len(words) > _WORDS else []
    return [_word(word) for word in words[:_WORDS]] + more


def _word(word: bytes) -> str:
    """Return a figure, an option or a pattern as it is; of a value its size."""
    text = _text(word)
    is_shown = _FIGURE.fullmatch(text) or _OPTION.fullmatch(text) or _SERVERS_NOTE.search(text)
    return text if is_shown else f"({len(word):,} bytes)"


def _text(word: bytes) -> str:
    return clean(word[: 4 * _WORD_CHARS], _WORD_CHARS)


def _cut(parts: Sequence[str]) -> SafeText:
    return clean(" ".join(parts), _COMMAND_CHARS)
