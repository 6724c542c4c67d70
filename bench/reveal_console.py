"""One console that makes keys as a person does, and counts what its terminal gets of them."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.reveal_forms import BASE64, PLAIN, Form, Pieces
from bench.reveal_world import COLUMNS, PREFIX, ROWS, RevealWorld
from tests.pilot.pty_child import PtyChild

_WAITS_S = 120.0
_QUIET_S, _AGAIN_S = 0.25, 3.0
_ROWS_TOLD, _COLUMNS_TOLD = 30, 120
_SIZES = ((COLUMNS, ROWS), (132, 40), (100, 30))
_CLOSING = ("j", "\r", "\x1b", "\x0c", "\x03", "q", "\x1b[A", "v")
REVEAL = "reveal"
_HOLDS, _OFF = "This plan holds", "Changes are off"
_ARMED = "ARMED"
_MODES = (_ARMED, "read-only")
_CLOCK = "UTC"


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to make a key, and how often its terminal may get it, plain and for the clipboard."""

    name: str
    do: Callable[["Console"], None]
    weight: int
    shown: int = 1
    copied: int = 0


@dataclass(slots=True)
class Tally:
    """What became of the flows."""

    flows: Counter[str] = field(default_factory=Counter[str])
    sent: Counter[tuple[str, str, int]] = field(default_factory=Counter[tuple[str, str, int]])
    """Kind of flow, form of its key and how often it came, by how many keys."""
    wrong: list[str] = field(default_factory=list[str])
    keys: int = 0
    output_bytes: int = 0
    least_repaint_bytes: int = 1 << 60

    def __iadd__(self, other: "Tally") -> "Tally":
        self.flows += other.flows
        self.sent += other.sent
        self.wrong += other.wrong
        self.keys += other.keys
        self.output_bytes += other.output_bytes
        self.least_repaint_bytes = min(self.least_repaint_bytes, other.least_repaint_bytes)
        return self


class Console:
    """The real console, kept open from flow to flow.

    Args:
        world: What it looks at.
        lot: Chooses sizes and keys.
    """

    def __init__(self, world: RevealWorld, lot: random.Random) -> None:
        self.tally = Tally()
        self._world, self._lot = world, lot
        self._child: PtyChild | None = None
        self._pieces = Pieces(PREFIX)
        self._keys = world.keys()
        self._sent = b""
        """What terminals that were left got in this flow."""
        self._number = 0

    @property
    def child(self) -> PtyChild:
        """The terminal, with a console on it."""
        if self._child is None:
            self._child = self._world.opened()
            self._child.wait_for("shop", _WAITS_S)
        return self._child

    def close(self) -> None:
        """End it."""
        if self._child is not None:
            self._leave_terminal()
        self._world.close()

    def run(self, kind: Kind) -> None:
        """Go through one flow, draw everything anew, and count what its terminal got."""
        self._number += 1
        self.tally.flows[kind.name] += 1
        try:
            kind.do(self)
            self._draw_anew()
        except (AssertionError, OSError) as error:
            self.tally.wrong.append(f"flow {self._number}, {kind.name}: broke off: {_short(error)}")
            self.close()
        self._count(kind)

    # What a person does.

    def press(self, keys: str, until: str = "") -> None:
        """Press keys and wait for a text."""
        self.child.press(keys)
        if until:
            self.child.wait_for(until, _WAITS_S)

    def insist(self, keys: str, until: str) -> None:
        """Press keys until they are taken: what was too early is forgotten."""
        end_s = time.monotonic() + _WAITS_S
        while until not in self.child.text:
            assert time.monotonic() < end_s, f"{until!r} did not appear:\n{self.child.text}"
            self.press(keys)
            again_s = time.monotonic() + _AGAIN_S
            while until not in self.child.text and time.monotonic() < again_s:
                self.child.read()

    def make(self, to: str, *, is_confirmed: bool = True) -> None:
        """Have a key made and wait until that has ended, or cancel it before."""
        self._arm()
        self.press("6", "shop/api")
        self.press("x", "what can be done with shop/api")
        self.press("Make a key", "Make a key   1 of")
        self.press("\r", "name, where records have one")
        self.press(f"\r{to}\r\r")
        self._until(lambda text: _HOLDS in text or _OFF in text, "a plan is there")
        if _OFF in self.child.text:
            # They have lapsed meanwhile. Here it switches them on, and never off again.
            self.insist("A", _HOLDS)
        if not is_confirmed:
            self.press("\x1b")
            self._until(lambda text: _HOLDS not in text, "the plan was cancelled")
            return
        # A dialog takes nothing for a moment, so that nobody says yes to what has just come.
        self.insist("\x1b[C", "▸ Generate")
        before = self._world.ended()
        self.press("\r", "Actions  Possible")
        self._until(lambda _: self._world.ended() > before, "an action ended")
        self._until(lambda text: " running " not in text, "it is known that it ended")
        if to == REVEAL:
            self.child.wait_for("waits: v shows it once", _WAITS_S)

    def _arm(self) -> None:
        """Switch changes on; the same key would switch them off."""
        self._drawn()
        if _ARMED not in self._header:
            self.press("A")
            self._until(lambda _: _ARMED in self._header, "changes are on")

    def _drawn(self) -> None:
        """Wait for the header: a terminal that became smaller has lost it for now."""
        self._until(lambda _: any(one in self._header for one in _MODES), "the header is drawn")

    def _fills_its_size(self, text: str) -> bool:
        """Tell whether the header, whose clock stands at the edge, and the last row are there."""
        header, *_, last = text.split("\n")
        is_wide = len(header.rstrip()) == self._size[0] or _CLOCK not in header
        return is_wide and any(one in header for one in _MODES) and bool(last.strip())

    @property
    def _header(self) -> str:
        return self.child.text.partition("\n")[0]

    def ask(self) -> None:
        """Ask for the key, and not yet see it."""
        self.press("v", "not shown yet")

    def show(self) -> None:
        """See the key that waits."""
        self.ask()
        self.press("\r", "hidden in")
        new = self._world.keys() - self._keys
        assert any(one in self.child.text for one in new), "no new key is shown"

    def hidden(self) -> None:
        """Wait until it is said that it is hidden."""
        self.child.wait_for("the key is hidden for", _WAITS_S)

    def present(self, *, is_on: bool) -> None:
        """Let others look, or no more."""
        self.press("\x0f")
        self._until(lambda text: ("PRESENTING" in text) is is_on, "the mode changed")

    def assert_none(self) -> None:
        """Hold that nothing of a new key has come so far."""
        for key in self._world.keys() - self._keys:
            self._pieces.add(key)
        counted = self._pieces.counted(self._sent + self.child.output)
        assert not counted, f"{sorted(counted.values())} times before it was shown"

    def resize(self) -> None:
        """Give the terminal a size that it has not."""
        now = self._size
        self._size = self._lot.choice([one for one in _SIZES if one != now])
        self.child.resize(*self._size)

    _size = _SIZES[0]

    def stop_and_go_on(self, *, is_from_outside: bool) -> None:
        """Suspend it, and have it in the foreground again."""
        if is_from_outside:
            self.child.send(signal.SIGTSTP)
        else:
            self.child.press("\x1a")
        self.child.wait_stopped(_WAITS_S)
        self.child.send(signal.SIGCONT)

    def end_and_start(self) -> None:
        """End it by a signal, and open another one on the same system."""
        number = self._lot.choice((signal.SIGTERM, signal.SIGHUP))
        self.child.send(number)
        self.child.wait_end(_WAITS_S)
        self._leave_terminal()
        assert self.child

    def detach_and_attach(self) -> None:
        """Leave the tmux, and come back on another terminal once it has hidden the key."""
        new = self._world.keys() - self._keys
        self.child.press("\x02d")
        self.child.wait_end(_WAITS_S)
        self._leave_terminal()
        end_s = time.monotonic() + _WAITS_S
        while any(one in self._world.kept_by_tmux() for one in new):
            assert time.monotonic() < end_s, "tmux still has it"
        self._child = self._world.attached()
        self._child.wait_for("Actions  Possible", _WAITS_S)

    def _leave_terminal(self) -> None:
        self._sent += self.child.output
        self.child.close()
        self._child, self._size = None, _SIZES[0]

    def any_key(self) -> str:
        """Return a key that hides."""
        return self._lot.choice(_CLOSING)

    def new_file(self) -> str:
        """Return where a key may go instead of the screen."""
        return f"file:{self._world.new_file(self._number)}"

    # What a terminal got.

    def _draw_anew(self) -> None:
        """Draw every cell of several screens again, also at another size."""
        if "PRESENTING" in self.child.text:
            self.present(is_on=False)
        before = len(self.child.output)
        self.press("6", "Keys  Usage")
        self.press("0", "Actions  Possible")
        self.child.press("\x0c")
        self._calm()
        self.resize()
        self._until(self._fills_its_size, "everything is drawn at the new size")
        self._calm()
        self.tally.least_repaint_bytes = min(
            self.tally.least_repaint_bytes, len(self.child.output) - before
        )

    def _calm(self) -> None:
        """Read until nothing comes for a moment; a clock is drawn each second."""
        while self.child.read(_QUIET_S):
            pass

    def _until(self, holds: Callable[[str], bool], what: str) -> None:
        end_s = time.monotonic() + _WAITS_S
        while not holds(self.child.text):
            assert time.monotonic() < end_s, f"not seen that {what}:\n{self.child.text}"
            self.child.read()

    def _count(self, kind: Kind) -> None:
        """Count the new keys of a flow, and all those before it, in what its terminals got."""
        text = ""
        if self._child is not None:
            text, self._sent = self._child.text, self._sent + self._child.output
            self._child.output = b""
        new = self._world.keys() - self._keys
        self._keys |= new
        for key in new:
            self._pieces.add(key)
        output, self._sent = self._sent, b""
        counted = self._pieces.counted(output)
        self._judge(kind, new, counted)
        if self._pieces.counted(text.encode()):
            self.tally.wrong.append(f"flow {self._number}, {kind.name}: a key stays on the screen")
        self.tally.keys += len(new)
        self.tally.output_bytes += len(output)

    def _judge(self, kind: Kind, new: set[str], counted: dict[Form, int]) -> None:
        wanted = {PLAIN: kind.shown, BASE64: kind.copied}
        for key in new:
            for form in (PLAIN, BASE64):
                count = counted.get((key, form), 0)
                self.tally.sent[kind.name, form, count] += 1
                if count != wanted[form]:
                    told = f"{count} times in {form}, not {wanted[form]}"
                    self.tally.wrong.append(f"flow {self._number}, {kind.name}: {told}")
        for (key, form), count in counted.items():
            if key not in new or form not in wanted:
                told = f"{'its' if key in new else 'an earlier'} key in {form}, {count} times"
                self.tally.wrong.append(f"flow {self._number}, {kind.name}: {told}")


def _short(error: Exception) -> str:
    """Return what went wrong, and the rows that say something."""
    rows = [row.rstrip() for row in str(error).splitlines() if any(map(str.isalpha, row))]
    return "\n".join(row[:_COLUMNS_TOLD] for row in rows[:_ROWS_TOLD])
