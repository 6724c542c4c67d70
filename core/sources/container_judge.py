"""Judges containers and Swarm services as the engine shows them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.clients.docker_facts import ContainerFacts, ContainerUse, SwarmFacts
from core.model.verdict import Verdict
from core.sources.restarts import LOOP_RESTARTS, is_crash_loop

MEMORY_WARN_PERCENT = 90.0

_SIGNALS = {
    126: "command not executable",
    127: "command not found",
    134: "aborted (SIGABRT)",
    137: "killed (SIGKILL)",
    139: "crashed (SIGSEGV)",
    143: "ended by SIGTERM",
}
_STOPPED = {
    "paused": "paused: it does nothing",
    "created": "created, never started",
    "removing": "being removed",
    "dead": "dead: the engine could not remove it",
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is concluded of one container or service."""

    verdict: Verdict
    state: str
    reason: str


def _ending(facts: ContainerFacts) -> str:
    """Return how the last run ended."""
    if facts.is_oom_killed:
        return f"out of memory (OOMKilled, exit code {facts.exit_code})"
    meaning = _SIGNALS.get(facts.exit_code or 0, "")
    text = f"exit code {facts.exit_code}" + (f": {meaning}" if meaning else "")
    return f"{text}; {facts.error}" if facts.error else text


def memory_percent(facts: ContainerFacts, use: ContainerUse | None) -> float | None:
    """Return memory as a share of the configured limit; None where there is no limit."""
    if not facts.memory_limit_bytes or use is None or use.memory_bytes is None:
        return None
    return 100 * use.memory_bytes / facts.memory_limit_bytes


def _judge_running(
    facts: ContainerFacts, use: ContainerUse | None, recent_restarts: int, now: datetime
) -> Opinion:
    word = f"running ({facts.health})" if facts.health else "running"
    if is_crash_loop(recent_restarts, facts.started_at, now):
        text = f"crash loop: restarted {recent_restarts} times just now"
        return Opinion(Verdict.DOWN, "crash loop", text)
    if facts.health == "unhealthy":
        output = f": {facts.health_output}" if facts.health_output else ""
        return Opinion(Verdict.DOWN, word, f"its health check fails{output}")
    worries = _worries(facts, use, recent_restarts)
    if worries:
        return Opinion(Verdict.DEGRADED, word, "; ".join(worries))
    return Opinion(Verdict.OK, word, word)


def _worries(facts: ContainerFacts, use: ContainerUse | None, recent_restarts: int) -> list[str]:
    """Return what is not well with a container that runs and is not sick."""
    worries: list[str] = []
    if recent_restarts >= LOOP_RESTARTS:
        worries.append(f"up, but restarted {recent_restarts} times in the last minutes")
    percent = memory_percent(facts, use)
    if percent is not None and percent >= MEMORY_WARN_PERCENT:
        worries.append(f"memory {percent:.0f}% of its limit")
    if facts.is_oom_killed:
        worries.append("a process in it was killed for memory (OOMKilled)")
    if facts.health == "starting":
        worries.append("its health check has not passed yet")
    return worries


def judge_container(
    facts: ContainerFacts, use: ContainerUse | None, recent_restarts: int, now: datetime
) -> Opinion:
    """Return verdict, state word and reason of one container.

    Args:
        facts: what inspect shows.
        use: what it uses now; None: not known.
        recent_restarts: how often the engine restarted it by itself in the last minutes.
        now: when it was seen.
    """
    status = str(facts.status)
    if status == "running":
        return _judge_running(facts, use, recent_restarts, now)
    if status == "restarting":
        count = f", {facts.restarts} restarts" if facts.restarts else ""
        return Opinion(Verdict.DOWN, "crash loop", f"crash loop: {_ending(facts)}{count}")
    if status == "exited":
        return Opinion(Verdict.DOWN, f"exited {facts.exit_code}", f"exited: {_ending(facts)}")
    if status in _STOPPED:
        return Opinion(Verdict.DOWN, status, _STOPPED[status])
    return Opinion(Verdict.UNKNOWN, status or "unknown", f"state not known here: {status!r}")


def join_opinions(named: Sequence[tuple[str, Opinion]]) -> Opinion:
    """Return the worst of several containers of one service, with counts in the reason."""
    name, worst = max(named, key=lambda one: one[1].verdict.rank)
    if len(named) == 1:
        return worst
    running = sum(opinion.state.startswith("running") for _, opinion in named)
    counts = f"{running} of {len(named)} running"
    if worst.verdict is Verdict.OK:
        return Opinion(worst.verdict, f"running ×{len(named)}", counts)
    # Some replicas still serve: the service is hurt, not gone.
    is_partly_up = any(opinion.verdict is Verdict.OK for _, opinion in named)
    verdict = Verdict.DEGRADED if is_partly_up and worst.verdict is Verdict.DOWN else worst.verdict
    return Opinion(verdict, worst.state, f"{counts}; {name}: {worst.reason}")


def judge_swarm(facts: SwarmFacts) -> Opinion:
    """Return verdict, state word and reason of a Swarm service by its tasks."""
    wanted_tasks = [task for task in facts.tasks if task.desired_state == "running"]
    running = sum(task.state == "running" for task in wanted_tasks)
    wanted = len(wanted_tasks) if facts.wanted is None else facts.wanted
    word = f"{running}/{wanted} running"
    if wanted == 0:
        return Opinion(Verdict.DOWN, word, "scaled to zero")
    recent = sorted(
        (task for task in facts.tasks if task.error and task.changed_at),
        key=lambda task: task.changed_at.timestamp() if task.changed_at else 0.0,
    )
    error = f"; last failure: {recent[-1].error}" if recent else ""
    if running == 0:
        return Opinion(Verdict.DOWN, word, f"no task runs{error}")
    if running < wanted:
        return Opinion(Verdict.DEGRADED, word, f"{word}{error}")
    if facts.update_state in {"paused", "rollback_paused"}:
        return Opinion(Verdict.DEGRADED, word, f"{word}; its update is {facts.update_state}")
    suffix = f"; update {facts.update_state}" if facts.update_state else ""
    return Opinion(Verdict.OK, word, f"{word}{suffix}")
