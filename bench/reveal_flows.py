"""Every way in which a new key comes to a screen, or does not."""

import random
from collections.abc import Sequence

from bench.reveal_console import REVEAL, Console, Kind


def _shown(console: Console) -> None:
    console.make(REVEAL)
    console.assert_none()
    console.show()


def _closed(console: Console) -> None:
    _shown(console)
    console.press(console.any_key())
    console.hidden()


def _copied(console: Console) -> None:
    _shown(console)
    console.press("c", "clipboard")
    console.press(console.any_key())
    console.hidden()


def _resized(console: Console) -> None:
    _shown(console)
    console.resize()
    console.hidden()


def _ran_out(console: Console) -> None:
    _shown(console)
    console.hidden()


def _presented_while_shown(console: Console) -> None:
    _shown(console)
    console.present(is_on=True)
    console.hidden()


def _presenting_then_shown(console: Console) -> None:
    """While others look it is refused; afterwards it still waits."""
    console.present(is_on=True)
    console.make(REVEAL)
    console.press("v", "others look, so no key is shown")
    console.press("\r")
    console.assert_none()
    console.present(is_on=False)
    console.show()
    console.press(console.any_key())
    console.hidden()


def _presented_when_asked(console: Console) -> None:
    """Others come while it is asked whether it shall be shown."""
    console.make(REVEAL)
    console.ask()
    console.present(is_on=True)
    console.press("\r", "others look, so no key is shown: ctrl+o ends")
    console.assert_none()
    console.press("\x1b")
    console.present(is_on=False)
    console.show()
    console.press(console.any_key())
    console.hidden()


def _not_now(console: Console) -> None:
    console.make(REVEAL)
    console.ask()
    console.press("\x1b")
    console.assert_none()
    console.show()
    console.press(console.any_key())
    console.hidden()


def _suspended(console: Console) -> None:
    _shown(console)
    console.stop_and_go_on(is_from_outside=False)
    console.hidden()


def _suspended_from_outside(console: Console) -> None:
    _shown(console)
    console.stop_and_go_on(is_from_outside=True)
    console.hidden()


def _ended(console: Console) -> None:
    _shown(console)
    console.end_and_start()


def _reattached(console: Console) -> None:
    _shown(console)
    console.detach_and_attach()


def _to_file(console: Console) -> None:
    console.make(console.new_file())


def _to_file_presenting(console: Console) -> None:
    console.present(is_on=True)
    console.make(console.new_file())


def _to_exports(console: Console) -> None:
    console.make("")


def _cancelled(console: Console) -> None:
    console.make(REVEAL, is_confirmed=False)


_ANYWHERE = (
    Kind("closed by a key", _closed, 20),
    Kind("its time ran out", _ran_out, 3),
    Kind("presenting while shown", _presented_while_shown, 10),
    Kind("presenting, shown afterwards", _presenting_then_shown, 12),
    Kind("presenting when asked, shown afterwards", _presented_when_asked, 6),
    Kind("not now, shown afterwards", _not_now, 6),
    Kind("to a file", _to_file, 5, shown=0),
    Kind("to a file, presenting", _to_file_presenting, 4, shown=0),
    Kind("to our exports", _to_exports, 3, shown=0),
    Kind("cancelled", _cancelled, 4, shown=0),
)
ON_A_TERMINAL = (
    *_ANYWHERE,
    Kind("copied, then closed", _copied, 8, copied=1),
    Kind("another size while shown", _resized, 14),
    Kind("ctrl+z while shown", _suspended, 4),
    Kind("suspended from outside while shown", _suspended_from_outside, 3),
    Kind("console ended while shown, another one begun", _ended, 3),
)
IN_A_TMUX = (*_ANYWHERE, Kind("left while shown, attached again", _reattached, 20))
"""Without another size: a tmux draws what it keeps before the console hears of that."""


def drawn(kinds: Sequence[Kind], count: int, lot: random.Random) -> list[Kind]:
    """Return so many flows by lot, each kind at least once where there is room for all."""
    chosen = list(kinds[:count])
    chosen += lot.choices(kinds, [one.weight for one in kinds], k=count - len(chosen))
    lot.shuffle(chosen)
    return chosen
