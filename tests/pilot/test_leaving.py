"""What comes while the console is being left disturbs nobody."""

import asyncio
from datetime import datetime

from tests.fakes.clock import FakeClock
from tests.fakes.scripted import ScriptedConsole, calm_events


class RunningClock(FakeClock):
    """Another second each time that somebody looks."""

    def now(self) -> datetime:
        self._elapsed_s += 1
        return super().now()


async def test_news_between_the_end_of_the_screens_and_the_end_of_the_console_is_not_shown() -> (
    None
):
    app = ScriptedConsole(events=calm_events(), clock=RunningClock())
    had_screens: list[bool] = []

    async def push_all_the_time() -> None:
        while True:
            had_screens.append(app.has_screens)
            app._push_latest()
            await asyncio.sleep(0)

    async with app.run_test() as pilot:
        await pilot.press("2", "1")
        news = asyncio.ensure_future(push_all_the_time())
        app.exit()
    assert {True, False} == set(had_screens)
    assert not news.done(), "none of it failed"
    news.cancel()
