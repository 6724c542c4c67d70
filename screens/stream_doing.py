"""`x`, `l` and the other keys on what is under the cursor of the Streams screen."""

from core.model.action import Offer
from core.model.redis_spec import StreamSpec
from core.model.stream import Group, Stream
from screens.stream_asking import StreamAsking
from screens.stream_offers import (
    Fit,
    entry_fits,
    fitted,
    group_fits,
    letter_fits,
    letter_group_fits,
    pending_fits,
    stream_fits,
    target_of,
)
from widgets.entries_table_pane import EntriesTablePane
from widgets.letters_table_pane import LetterGroupsTablePane, LettersTablePane
from widgets.pending_table_pane import PendingTablePane
from widgets.present.stream_pages import StreamPage
from widgets.stream_details_pane import spec_of
from widgets.stream_groups_table_pane import StreamGroupsTablePane


class StreamDoing(StreamAsking):
    """The part of the Streams screen that offers what can be done with rows."""

    @property
    def offers_target(self) -> str:
        """The stream that the page in front is about, as actions call it."""
        stream = self.stream_here
        return target_of(stream, self._spec(stream)) if stream is not None else ""

    def _spec(self, stream: Stream) -> StreamSpec | None:
        return spec_of(self.picture, stream) if self.picture is not None else None

    def fit_offers(self, about: tuple[Offer, ...], every: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """Return what can be done with the marked rows, or with the one under the cursor."""
        stream = self.stream_here
        if stream is None:
            return ()
        return fitted(about, every, self.offers_target, self._fits(stream))

    def _fits(self, stream: Stream) -> tuple[Fit, ...]:
        spec, table = self._spec(stream), self.table
        match table:
            case PendingTablePane():
                group = self._group_of(stream)
                if group is None or self.pending_wish is None:
                    return ()
                wanted, is_marked = self.pending_wish.filter, bool(table.marked)
                return pending_fits(spec, group, table.chosen, wanted, is_marked=is_marked)
            case EntriesTablePane():
                return entry_fits(table.chosen, is_marked=bool(table.marked))
            case LettersTablePane():
                return letter_fits(table.chosen, is_marked=bool(table.marked))
            case LetterGroupsTablePane() if table.selected is not None:
                return letter_group_fits(table.selected)
            case StreamGroupsTablePane():
                group, consumer = table.selected
                if group is not None:
                    return group_fits(stream, spec, group, consumer)
            case _:
                pass
        return stream_fits(stream, spec)

    def _group_of(self, stream: Stream) -> Group | None:
        """Return the group whose pending entries are shown."""
        wish = self.pending_wish
        name = wish.group if wish is not None else None
        return next((one for one in stream.groups if one.name == name), None)

    def action_logs(self) -> None:
        """Show the logs of the service that consumes the stream."""
        stream = self.stream_here
        if stream is not None and stream.service:
            self.post_message(self.OpenRequested("logs", stream.service))

    def reason_against(self, action: str) -> str:
        """Return why an action cannot be done now; empty when it can."""
        stream = self.stream_here
        if action == "logs":
            if stream is None:
                return "no stream is under the cursor"
            return "" if stream.service else "the profile does not say which service consumes it"
        if action in {"tail", "time"} and self.page is not StreamPage.ENTRIES:
            return "turn to the entries first, with e"
        if action == "more" and self.more_wish is None:
            return "nothing more is to be read here"
        if action == "entries" and stream is None:
            return "no stream is under the cursor"
        if action == "raw" and self.page is StreamPage.STREAMS:
            return "only entries are written in some way"
        return super().reason_against(action)
