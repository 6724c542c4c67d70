"""The application: owns the runtime, pushes pictures to the screen in front, answers keys."""

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen

from core.model.text import SafeText, clean
from core.store.selectors import picture
from screens.base import ConsoleScreen
from tui.bindings import BINDINGS
from tui.commands import Words, completions, palette, parsed, problem_with, words_of
from tui.crash import CrashLog
from tui.feed import Feed, is_news
from tui.garbage import SETTLED_S, Sweeper
from tui.keymap import check_keymap
from tui.places import FIRST, PLACES, PLACES_BY_NAME
from tui.reading_app import ReadingApp
from tui.setup import Setup
from tui.signals import end_on_signals
from tui.themes import THEMES, chosen_theme, problem_with_theme
from tui.trail import Trail
from widgets.overview_systems_pane import OverviewSystemsPane

if TYPE_CHECKING:
    from screens.command import Completion

TICK_S = 1.0
STOP_WITHIN_S = 0.5
"""The runtime's thread is a daemon: what has not stopped by then ends with the process."""
QUIT_WITHIN_S = 2.0
"""A second press within this time is meant."""


class ConsoleApp(ReadingApp, inherit_bindings=False):
    """The console.

    Args:
        setup: What it is given.
        crashes: Where crashes are written down.
    """

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    ESCAPE_TO_MINIMIZE: ClassVar[bool] = False
    DEFAULT_MODE: ClassVar[str] = FIRST
    # One mode per place: each screen is made when it is first shown, kept, and has its own dialogs.
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        place.name: place.name for place in PLACES
    }
    SCREENS: ClassVar[dict[str, Callable[[], Screen[Any]]]] = {
        place.name: place.make for place in PLACES
    }
    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    def __init__(self, setup: Setup, crashes: CrashLog | None = None) -> None:
        super().__init__(setup, crashes or CrashLog())
        self._feed = Feed(self._push_latest, self._has_news)
        self._runtime = setup.make_runtime(self._feed.tell)
        self._trail = Trail((FIRST,))
        self._settled = {FIRST}
        """The views that were shown: what they load is there."""
        self._sweeper = Sweeper()
        self._quit_until_s = 0.0
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = chosen_theme(setup.theme, os.environ)

    def on_load(self) -> None:
        if self._setup.takes_signals:
            end_on_signals(asyncio.get_running_loop(), self.leave_with)

    def on_mount(self) -> None:
        self._feed.attach()
        self._push_latest()
        self.set_interval(TICK_S, self._push_latest, name="ages")
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        self._feed.detach()
        self.stop_reading(STOP_WITHIN_S)
        self.stop_acting(STOP_WITHIN_S)
        if self._setup.known is not None:
            self._setup.known.stop()
        self._runtime.stop(STOP_WITHIN_S)
        self._sweeper.end()

    def _begin(self) -> None:
        """Do what need not be done before the first painting."""
        self._runtime.start()
        self.begin_acting()
        self.begin_reading()
        if self._setup.known is not None:
            self._setup.known.start()
        self._sweeper.begin()
        self.set_timer(SETTLED_S, self._sweeper.settle, name="set aside what was loaded")
        self.set_interval(TICK_S, self._sweeper.sweep, name="garbage")
        warnings = (*self._setup.warnings, *problem_with_theme(self._setup.theme))
        if self._setup.keymap:
            warnings += self._use_keymap(self._setup.keymap)
        for warning in warnings:
            self.notify(warning, severity="warning", timeout=15, markup=False)

    def _use_keymap(self, keymap: Mapping[str, str]) -> tuple[SafeText, ...]:
        from tui.binding_ids import known_binding_ids

        checked = check_keymap(keymap, known_binding_ids())
        self.set_keymap(dict(checked.keymap))
        self.refresh_bindings()
        return checked.warnings

    def _has_news(self) -> bool:
        shown = self._picture.snapshot if self._picture is not None else None
        return is_news(shown, self._runtime.snapshot)

    def _push_latest(self) -> None:
        """Give the screen in front the present picture, unless nothing could be new in it."""
        if not self.has_screens:
            return
        if self.is_paused:
            self.veil_again()
            return
        snapshot, now = self._runtime.snapshot, self._setup.clock.now()
        last = self._picture
        is_same_second = last is not None and int(last.now.timestamp()) == int(now.timestamp())
        if last is not None and last.snapshot is snapshot and is_same_second:
            return
        setup = self._setup
        self._picture = picture(setup.topology, snapshot, now, setup.host_name)
        self._hand_over()

    def _hand_over(self) -> None:
        self.front.zone = self._setup.zone
        self.front.picture = self._picture
        self.hand_over_actions()
        self.show_readings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey what cannot be done here; nothing of ours works behind a dialog."""
        if isinstance(self.screen, ModalScreen):
            return action not in _ON_SCREENS
        return None if self.reason_against(action) else True

    def reason_against(self, action: str) -> str:
        """Return why an action cannot be done now; empty when it can."""
        if action == "last" and not self._trail.last:
            return "no other view was open yet"
        return self.front.reason_against(action)

    def action_go(self, place: str, target: str = "") -> None:
        """Show a screen, and what it shall select."""
        self._show(self._trail.gone_to(place))
        if target:
            self.front.aim(target)

    def action_last(self) -> None:
        """Go to the view that was left last, like `cd -`."""
        if self._trail.last:
            self._show(self._trail.gone_to(self._trail.last))

    def action_go_back(self) -> None:
        """Undo one step: the filter, the full pane, then the view. Never quits."""
        screen = self.front
        if screen.clear_filter():
            return
        if screen.maximized is not None:
            screen.minimize()
        elif not screen.step_back():
            self._show(self._trail.gone_back())

    def action_quit_or_back(self) -> None:
        """Go back; where there is nothing to go back to, quit when it is said twice."""
        screen = self.front
        if self._trail.is_at_root and screen.maximized is None and not screen.has_filter:
            self._quit_when_meant("q")
        else:
            self.action_go_back()

    def action_interrupt(self) -> None:
        """Close the dialog that is open, else quit when it is said twice."""
        if isinstance(self.screen, ModalScreen):
            self.screen.dismiss(None)
        else:
            self._quit_when_meant("ctrl+c")

    def action_leave(self) -> None:
        """Quit at once."""
        self.exit()

    def _quit_when_meant(self, key: str) -> None:
        now_s = self._setup.clock.monotonic()
        if now_s < self._quit_until_s:
            self.exit()
            return
        self._quit_until_s = now_s + QUIT_WITHIN_S
        self.say(f"press {key} again to leave the console")

    def _show(self, trail: Trail) -> None:
        if trail.here != self._trail.here:
            if trail.here not in self._settled:
                self._settled.add(trail.here)
                self._sweeper.load()
                self.set_timer(SETTLED_S, self._sweeper.settle, name="set aside what was loaded")
            self.switch_mode(trail.here)
            self._hand_over()
        self._trail = trail
        self.refresh_bindings()

    def action_pause(self) -> None:
        """Freeze the screen while people talk, or let it go on."""
        if self._picture is None:
            return
        if self.is_paused:
            self._picture = None
            self._push_latest()
        else:
            setup, last = self._setup, self._picture
            now = setup.clock.now()
            self._picture = picture(
                setup.topology, last.snapshot, now, setup.host_name, is_paused=True
            )
            self._hand_over()

    def action_refresh_now(self) -> None:
        """Look at everything now."""
        self._runtime.refresh_now()
        self.refresh_readings()

    def action_redraw(self) -> None:
        """Send the whole screen again: something else wrote on the terminal."""
        self.force_full_frame()

    def action_full(self) -> None:
        self.front.toggle_full()
        self.refresh_bindings()

    def action_faults(self) -> None:
        self.front.toggle_faults()

    def action_filter(self, text: str | None = None) -> None:
        """Open the filter line; from the command line, filter at once."""
        if text is None:
            self.front.open_filter()
        elif not self.front.set_filter(text):
            self.say(self.front.reason_against("filter"))

    def action_theme(self, name: str) -> None:
        """Change the colours."""
        problems = problem_with_theme(name)
        for problem in problems:
            self.say(problem)
        if not problems:
            self.theme = name

    def action_demo_fault(self, name: str) -> None:
        """Switch a fault of the demo in a thread: a process may have to end or to start."""
        demo = self._setup.demo_faults
        if demo is not None:

            def switch() -> None:
                self.call_from_thread(self.say, demo.switch(name))

            self.run_worker(switch, name=f"demo fault {name}", group="demo", thread=True)

    def action_command(self) -> None:
        self._ask(":")

    def action_palette(self) -> None:
        self._ask(">")

    def _ask(self, prompt: str) -> None:
        """Open the command line or the palette and run what comes of it."""
        from screens.command import CommandScreen

        faults = self._setup.demo_faults.names if self._setup.demo_faults else ()
        keys = self._keys_by_binding()

        def words() -> Words:
            return words_of(self._setup.topology, keys, faults, self.actions.offers or ())

        def complete(text: str) -> "tuple[Completion, ...]":
            if prompt == ":" and not text.lstrip().startswith("do"):
                return completions(text, words())
            # What can be done is looked up when somebody asks, and comes a moment later.
            self.begin_offering()
            return (completions if prompt == ":" else palette)(text, words())

        screen = CommandScreen(prompt, complete, lambda text: problem_with(text, words()))
        self.push_screen(screen, self._run_command)

    def _run_command(self, text: str | None) -> None:
        command, argument = parsed(text or "")
        if command is not None:
            # What the screens wish for because of it is heard after what is queued by now.
            self.held.hold("command")
            command.run(self, argument)
            self.call_later(self.call_later, self.held.let_go, "command")

    def _keys_by_binding(self) -> dict[str, str]:
        """Return how each binding's first key is shown, key map included."""
        keys: dict[str, str] = {}
        for active in self.front.active_bindings.values():
            if active.binding.id:
                keys.setdefault(active.binding.id, self.get_key_display(active.binding))
        return keys

    def action_help(self) -> None:
        """Show the keys that work here and now."""
        from screens.help import HelpScreen, key_groups

        self.push_screen(HelpScreen(key_groups(self.front, self.reason_against)))

    @on(ConsoleScreen.Missed)
    def tell_missed(self, message: ConsoleScreen.Missed) -> None:
        """Say that what was asked for is not here."""
        message.stop()
        self.say(f"nothing here is called {clean(message.target, 80)}")

    @on(OverviewSystemsPane.Opened)
    def drill_down(self, message: OverviewSystemsPane.Opened) -> None:
        """Go from a system to its services."""
        message.stop()
        spot = message.spot
        self.action_go("services", f"{spot.system}/{spot.service}" if spot.service else spot.system)

    @on(ConsoleScreen.OpenRequested)
    def open_requested(self, message: ConsoleScreen.OpenRequested) -> None:
        """Go where a pane's enter key leads."""
        message.stop()
        if message.place in PLACES_BY_NAME:
            self.action_go(message.place, message.target)

    def get_key_display(self, binding: Binding) -> str:
        """Name keys as people say them."""
        return super().get_key_display(binding).translate(_SPOKEN)

    def show_action(self, action_id: str) -> None:
        """Go to the screen of actions, and there to this one."""
        self.action_go("actions", action_id)


_SPOKEN = str.maketrans({"^": "ctrl+", "⏎": "enter", "⌫": "backspace"})

_ON_SCREENS = frozenset(
    {"go", "command", "palette", "filter", "faults", "full", "pause", "refresh_now", "last", "arm"}
    | {"offers", "go_back", "quit_or_back", "help"}
)
"""Actions that belong to the screen in front, not to a dialog over it."""
