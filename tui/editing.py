"""A file in the console's editor; what comes of it is a plan, never a write."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from core.model.action import ActionRequest
from core.model.action_view import EditAnswer, PlanAnswer
from screens.editor import EditorScreen
from tui.action_link import ActionDeskHandle


class Editing(Protocol):
    """What is needed of the application."""

    def in_loop(self, call: Callable[[], None]) -> None: ...
    def warn(self, text: str) -> None: ...
    def ask_for_yes(self, answer: PlanAnswer) -> None: ...
    def push_screen(self, screen: EditorScreen, callback: Callable[[str | None], None]) -> Any: ...


def edit(app: Editing, desk: ActionDeskHandle, request: ActionRequest) -> None:
    """Open the file that a request would change."""

    def reply(answer: EditAnswer) -> None:
        app.in_loop(partial(_open, app, desk, request, answer))

    desk.open_text(request, reply)


def _open(app: Editing, desk: ActionDeskHandle, request: ActionRequest, answer: EditAnswer) -> None:
    if answer.problem:
        app.warn(answer.problem)
        return

    def reply(planned: PlanAnswer) -> None:
        app.in_loop(partial(app.ask_for_yes, planned))

    def edited(text: str | None) -> None:
        if text is not None:
            desk.hand_over(request, text, reply)

    app.push_screen(EditorScreen(answer.path, answer.text, answer.hidden), edited)
