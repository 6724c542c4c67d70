"""Starts a job of a scheduler, once."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.probes_steps import prober_of
from core.actions.part import BareStep, Seen, part
from core.actions.ports import Ports
from core.actions.results import begin, forget, look, settle
from core.actions.verdicts.judged import bad
from core.actions.verdicts.triggering import is_elsewhere, judge_trigger
from core.actions.work import Work
from core.errors import ClientDenied, ClientError, ClientUnresolved, StepFailedError
from core.model.text import clean


@part
@dataclass(frozen=True, slots=True)
class TriggerJob(BareStep):
    """Asks a scheduler to run a job, at the first of its paths that is there."""

    kind: ClassVar[str] = "scheduler.trigger"
    method: str
    urls: tuple[str, ...]
    success: str
    result: str
    deadline_s: float
    ca_file: str = ""

    async def observe(self, ports: Ports) -> Seen:
        """Look at the result that it left: the scheduler itself keeps no record of it."""
        return await look(ports, self.result)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Ask; a request that went out is never sent again."""
        await begin(ports, self.result, work)
        for url in self.urls:
            work.say(clean(f"{self.method} {url}"))
            try:
                called = await prober_of(ports).call(
                    self.method, url, self.deadline_s, self.ca_file
                )
            except (ClientDenied, ClientUnresolved):
                await forget(ports, self.result, work)  # nothing went out
                raise
            except ClientError as error:
                text = f"{error}: whether the job has run is not known"
                await settle(ports, self.result, work, bad(text))
                raise StepFailedError(clean(text)) from error
            if is_elsewhere(called):
                work.say(clean(f"answered {called.status}: not the path of the trigger"))
                continue
            judged = judge_trigger(called, self.success)
            await settle(ports, self.result, work, judged)
            if judged.is_good is False:
                raise StepFailedError(judged.text)
            return
        await forget(ports, self.result, work)
        raise StepFailedError(f"none of its {len(self.urls)} paths is there: nothing was started")
