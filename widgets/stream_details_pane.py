"""A stream, group, consumer or server at length, and the stream over time."""

from textual.reactive import var

from core.model.redis_spec import StreamSpec
from core.model.redis_view import RedisPicture
from core.model.stream import Consumer, Group, Stream
from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.absence import Absence, absence_line
from widgets.present.fitting import beside, rule
from widgets.present.line import BLANK, Line
from widgets.present.stream_charts import stream_charts
from widgets.present.stream_details import consumer_lines, group_lines, server_lines, stream_lines

_BESIDE_CELLS = 100
"""From this width on charts stand beside what is told."""
_GAP_CELLS = 3
_LEAST_CHART_ROWS = 5


class StreamDetailsPane(PicturePane):
    """What, why and what helps; below or beside it the charts."""

    redis: var[RedisPicture | None] = var(None, init=False)
    stream: var[Stream | None] = var(None, init=False)
    group: var[Group | None] = var(None, init=False)
    consumer: var[Consumer | None] = var(None, init=False)
    server: var[str] = var("", init=False)

    def watch_redis(self) -> None:
        self.redraw()

    def watch_stream(self) -> None:
        self.redraw()

    def watch_group(self) -> None:
        self.redraw()

    def watch_consumer(self) -> None:
        self.redraw()

    def watch_server(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        head = rule(self._title(), width, is_focused=self.has_focus)
        redis, stream = self.redis, self.stream
        if redis is None or stream is None or not stream.history:
            return (head, *self._told(picture, width))
        if width >= _BESIDE_CELLS:
            left = (width - _GAP_CELLS) // 2
            told = self._told(picture, left)
            room = (width - left - _GAP_CELLS, height - 1)
            charts = stream_charts(stream, *room, picture.now, redis.now_s)
            return (head, *beside(told, charts, left, _GAP_CELLS))
        told = self._told(picture, width)
        rows = height - len(told) - 2
        charts = stream_charts(
            stream, width, max(_LEAST_CHART_ROWS - 1, rows), picture.now, redis.now_s
        )
        return (head, *told, BLANK, *charts)

    def _title(self) -> str:
        if self.consumer is not None:
            return "Consumer"
        if self.group is not None:
            return "Group"
        return "Stream" if self.stream is not None else "Server"

    def _told(self, picture: Picture, width: int) -> tuple[Line, ...]:
        stream, group = self.stream, self.group
        if stream is not None and group is not None:
            if self.consumer is not None:
                return consumer_lines(group, self.consumer, width)
            return group_lines(stream, group, width)
        redis = self.redis
        if redis is not None and stream is not None:
            streams = redis.streams_of(stream.server)
            others = streams.rows if streams is not None else ()
            return stream_lines(stream, spec_of(picture, stream), others, width)
        view = redis.server(self.server) if redis is not None else None
        if view is None:
            return (absence_line(Absence.NONE, "stream selected"),)
        return server_lines(view, width)


def spec_of(picture: Picture, stream: Stream) -> StreamSpec | None:
    """Return what the configuration says of a stream; None: nothing."""
    return next(
        (
            spec
            for system in picture.topology.systems
            for redis in system.redis
            if redis.server == stream.server
            for spec in redis.streams
            if spec.name == stream.spec_name
        ),
        None,
    )
