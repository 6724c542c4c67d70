"""One Redis server: what is wrong with it, how it does, what it holds."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var

from core.model.redis_server import ServerView
from core.model.redis_view import Cancel, RedisPicture, RedisWish, SampleLatency, Scan
from widgets.line_view import LineView
from widgets.present.redis_server import redis_lines, server_of


class RedisPane(LineView):
    """Draws the chosen server; `]` and `[` choose another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_square_bracket", "choose(1)", "Next server", id="redis.next"),
        Binding(
            "left_square_bracket", "choose(-1)", "Server before", id="redis.before", show=False
        ),
        Binding("c", "scan('census')", "Count keys", id="redis.census"),
        Binding("t", "scan('tokens')", "Tokens", id="redis.tokens"),
        Binding("m", "ping", "Latency", id="redis.latency"),
        Binding("s", "stop", "Stop", id="redis.stop"),
        Binding("x", "app.offers", "Actions", id="redis.actions"),
    ]

    @dataclass
    class Wished(Message):
        """Somebody wants to see more of a server."""

        wish: RedisWish

    redis: var[RedisPicture | None] = var(None, init=False)
    """What is known of all servers; None before anything is."""
    server: var[str] = var("", init=False)
    """`system/service` of the chosen one; empty: nobody has chosen."""

    @property
    def view(self) -> ServerView | None:
        """The server that is shown."""
        return server_of(self.redis, self.server)

    @property
    def offers_target(self) -> str:
        """The server, as actions know it."""
        view = self.view
        return view.server if view is not None else ""

    def redraw(self) -> None:
        """Compute the lines anew."""
        width, height = self.scrollable_content_region.size
        if width > 0 and height > 0:
            self.lines = redis_lines(self.redis, self.server, width, is_focused=self.has_focus)

    def watch_redis(self, before: RedisPicture | None, after: RedisPicture | None) -> None:
        self.redraw()
        if self._reasons(before) != self._reasons(after):
            self.refresh_bindings()

    def watch_server(self) -> None:
        self.redraw()
        self.scroll_home(animate=False)
        self.refresh_bindings()

    def on_resize(self) -> None:
        super().on_resize()
        self.redraw()

    def watch_show_vertical_scrollbar(self, is_shown: bool) -> None:
        # Only when it takes room: lines that then fit would call it back without end.
        if is_shown:
            self.call_after_refresh(self.redraw)

    def watch_has_focus(self, _has_focus: bool) -> None:
        super().watch_has_focus(_has_focus)
        self.redraw()

    def action_choose(self, by: int) -> None:
        """Show the next server, or the one before."""
        names = [one.server for one in self.redis.servers] if self.redis else []
        if self.view is not None:
            self.server = names[(names.index(self.view.server) + by) % len(names)]

    def action_scan(self, what: str) -> None:
        """Count all keys, or find all tokens."""
        self._wish(Scan(self.offers_target, what))

    def action_ping(self) -> None:
        """Sample the way to it and back for some seconds."""
        self._wish(SampleLatency(self.offers_target))

    def action_stop(self) -> None:
        """End what is being read for a person."""
        self._wish(Cancel(self.offers_target))

    def _wish(self, wish: RedisWish) -> None:
        if self.offers_target:
            self.post_message(self.Wished(wish))

    def reason_against(self, action: str) -> str:
        """Return why an action cannot be done on this pane now; empty when it can."""
        return self._reason(action, self.redis)

    def _reason(self, action: str, redis: RedisPicture | None) -> str:
        view = server_of(redis, self.server)
        if action == "choose":
            return "" if redis is not None and len(redis.servers) > 1 else "there is one server"
        if action not in {"scan", "ping", "stop"}:
            return ""
        if view is None or view.looked_at_s is None:
            return "nothing is known of it yet"
        if action == "stop":
            return "" if view.busy else "nothing is being read for you"
        return "it cannot be read now" if view.trouble is not None else ""

    def _reasons(self, redis: RedisPicture | None) -> list[str]:
        return [self._reason(action, redis) for action in ("choose", "scan", "ping", "stop")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey what cannot be done here."""
        return None if self.reason_against(action) else True
