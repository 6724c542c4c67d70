"""The five systems of the pictures: the names of the real ones, addresses of nowhere."""

from core.model.check import CheckKind, CheckSpec, Condition, Expectation
from core.model.ids import CheckId, ServiceId
from core.model.redis_spec import RedisSpec
from core.model.topology import (
    ComposeService,
    Environment,
    MetricsSpec,
    PlainProcess,
    RunsAs,
    ServiceSpec,
    SystemdUnit,
    SystemSpec,
    Topology,
)
from core.model.verdict import Verdict

DISK = Condition("checks.system.disk_percent", "<", 90.0, Verdict.DEGRADED)
KNOWN_METRICS = (
    "http_requests_total",
    "http_request_duration_seconds",
    "redis_stream_lag_seconds",
    "queue_depth",
    "db_connections_active",
)


def check(
    service: ServiceId,
    name: str,
    kind: CheckKind = CheckKind.HEALTH,
    *,
    url: str = "",
    every_s: float = 10.0,
    expect: Expectation | None = None,
    note: str = "",
) -> CheckSpec:
    """Return a check of a service."""
    url = url or f"http://127.0.0.1:8000/{name}"
    return CheckSpec(
        CheckId(service, name), kind, url, every_s, expect=expect or Expectation(), note=note
    )


def service(
    system: str,
    name: str,
    *checks: str,
    runs_as: RunsAs | None = None,
    depends_on: tuple[str, ...] = (),
    metrics: bool = False,
    outside: bool = False,
) -> ServiceSpec:
    """Return a service; a check is written `name` or `name:kind`."""
    identity = ServiceId(system, name)
    specs: list[CheckSpec] = []
    for text in checks:
        word, _, kind = text.partition(":")
        conditions = (DISK,) if word == "detailed" else ()
        specs.append(
            check(
                identity,
                word,
                CheckKind(kind or "health"),
                url=_url(system, name, word, kind),
                every_s=60.0 if outside else 10.0,
                expect=Expectation(conditions=conditions),
                note="process up only" if word == "manager" else "",
            )
        )
    return ServiceSpec(
        identity,
        name,
        runs_as,
        tuple(specs),
        MetricsSpec(f"http://127.0.0.1:8000/{name}/metrics", known_as=KNOWN_METRICS)
        if metrics
        else None,
        depends_on=tuple(ServiceId(system, one) for one in depends_on),
        is_outside=outside,
    )


def _url(system: str, name: str, word: str, kind: str) -> str:
    if kind == "redis":
        return "redis://127.0.0.1:6379/0"
    if kind == "tcp":
        return "tcp://127.0.0.1:5432"
    if kind == "status_page":
        return f"https://status.{name}.example/api/v2/summary.json"
    port = {"decision-engine": 8000, "ai-diy": 8001, "business-engine": 8002, "api-gateway": 5000}
    return f"http://127.0.0.1:{port.get(system, 8004)}/{word}"


def compose(project: str, name: str) -> ComposeService:
    """Return a place in a compose project."""
    return ComposeService(project, name)


def scene_topology() -> Topology:
    """Return what the pictures watch."""
    gateway, engine, costs = "resilient-api-gateway", "business-engine", "cost-dashboard"
    systems = (
        SystemSpec(
            "decision-engine",
            "Decision engine",
            "decision-engine",
            (
                service(
                    "decision-engine", "api", "health", "usage:api",
                    runs_as=PlainProcess(("uvicorn", "main:app")),
                ),
            ),
        ),
        SystemSpec(
            "ai-diy",
            "AI-DIY",
            "ai-diy",
            (
                service(
                    "ai-diy", "web", "health", "security:security", "headers:headers",
                    runs_as=SystemdUnit("ai-diy.service"),
                ),
            ),
        ),
        SystemSpec(
            "business-engine",
            "Business engine",
            "business-engine",
            (
                service(
                    "business-engine", "api", "health", "readyz", "runs:runs",
                    runs_as=compose(engine, "api"), depends_on=("db", "redis"), metrics=True,
                ),
                service(
                    "business-engine", "manager", "manager",
                    runs_as=compose(engine, "beat"), depends_on=("redis",),
                ),
                service(
                    "business-engine", "worker",
                    runs_as=compose(engine, "worker"), depends_on=("redis",),
                ),
                service(
                    "business-engine", "redis", "ping:redis", runs_as=compose(engine, "redis")
                ),
                service("business-engine", "db", "port:tcp", runs_as=compose(engine, "db")),
            ),
            redis=(RedisSpec("business-engine/redis"),),
        ),
        SystemSpec(
            "api-gateway",
            "API gateway",
            "api-gateway",
            (
                service(
                    "api-gateway", "proxy-service", "health", "proxy:api",
                    runs_as=compose(gateway, "proxy-service"),
                    depends_on=("upstream-service", "redis"), metrics=True,
                ),
                service(
                    "api-gateway", "upstream-service", "health",
                    runs_as=compose(gateway, "upstream-service"),
                ),
                service("api-gateway", "redis", "ping:redis", runs_as=compose(gateway, "redis")),
                service(
                    "api-gateway", "prometheus", "ready:page",
                    runs_as=compose(gateway, "prometheus"),
                ),
            ),
            redis=(RedisSpec("api-gateway/redis"),),
        ),
        SystemSpec(
            "cost-dashboard",
            "Cost dashboard",
            "cost-dashboard",
            (
                service(
                    "cost-dashboard", "backend", "health", "detailed", "db", "scheduler:scheduler",
                    runs_as=compose(costs, "backend"), depends_on=("postgres",), metrics=True,
                ),
                service(
                    "cost-dashboard", "frontend", "page:page",
                    runs_as=compose(costs, "frontend"), depends_on=("backend",),
                ),
                service(
                    "cost-dashboard", "postgres", "port:tcp", runs_as=compose(costs, "postgres")
                ),
                service("cost-dashboard", "openai", "status:status_page", outside=True),
                service("cost-dashboard", "anthropic", "status:status_page", outside=True),
                service("cost-dashboard", "vercel", "status:status_page", outside=True),
            ),
        ),
    )  # fmt: skip
    folders = ("/var/log/ai-diy", "/opt/resilient-api-gateway/logs", "/opt/business-engine/logs")
    return Topology(Environment.PRODUCTION, False, systems, folders, label="ops-1")
