"""004: an in-memory scheduler that really ticks, with the history the real one keeps (fact 28)."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from demo.stamps import now, offset

_HISTORY = 100
_STALLED_SINCE = timedelta(hours=2)


@dataclass(slots=True)
class Job:
    """One job and what is remembered of it until the process ends."""

    id: str
    name: str
    every_s: int
    next_run: datetime = field(default_factory=now)
    history: deque[dict[str, str]] = field(
        default_factory=lambda: deque[dict[str, str]](maxlen=_HISTORY)
    )

    @property
    def trigger(self) -> str:
        """The trigger as APScheduler prints it."""
        return f"interval[{timedelta(seconds=self.every_s)}]"


Tell = Callable[[Job], None]


class Scheduler:
    """Runs jobs when they are due; while stalled it runs none, and its plan lies in the past."""

    def __init__(self, is_stalled: Callable[[], bool], tell: Tell) -> None:
        self._is_stalled = is_stalled
        self._tell = tell
        self._lock = threading.Lock()
        self.jobs = (
            Job("aggregate_refresh", "Aggregate Refresh", 10),
            Job("anthropic_collection", "Anthropic Data Collection", 15),
            Job("forecasting", "ML Forecasting", 60),
            Job("openai_collection", "OpenAI Data Collection", 20),
        )
        for job in self.jobs:
            job.next_run = now() + timedelta(seconds=job.every_s)

    def start(self) -> None:
        """Tick in a thread of its own."""
        threading.Thread(target=self._run, daemon=True).start()

    def as_jobs(self) -> list[dict[str, object]]:
        """Return the jobs as `/health/scheduler` lists them."""
        late = _STALLED_SINCE if self._is_stalled() else timedelta()
        return [
            {
                "id": job.id,
                "name": job.name,
                "next_run": offset(job.next_run - late),
                "trigger": job.trigger,
                "max_instances": 1,
            }
            for job in self.jobs
        ]

    def history(self) -> dict[str, list[dict[str, str]]]:
        """Return what has run since the process began, oldest first; a job that never ran: none."""
        with self._lock:
            return {job.id: list(job.history) for job in self.jobs if job.history}

    def find(self, job_id: str) -> Job | None:
        """Return a job."""
        return next((job for job in self.jobs if job.id == job_id), None)

    def _run(self) -> None:
        while True:
            time.sleep(1.0)
            if self._is_stalled():
                continue
            for job in self.jobs:
                if job.next_run <= now():
                    self._execute(job)

    def _execute(self, job: Job) -> None:
        with self._lock:
            job.history.append(
                {"status": "success", "timestamp": offset(now()), "event": "executed"}
            )
        # What was missed is not made up for: the next run is in the future again.
        while job.next_run <= now():
            job.next_run += timedelta(seconds=job.every_s)
        self._tell(job)
