"""Writes the console's configuration for a running demo: the five profiles, told where it is."""

import json
from collections.abc import Mapping
from pathlib import Path

from demo.home import Home, write_whole
from demo.server_redis import command as redis_command
from demo.services import BY_NAME

EVERY = "3s"

_HEAD = """\
# Written by `quarterdeck demo` for this run. Each system starts from its shipped profile;
# what follows says where the demo's copy of it is, and looks at it every three seconds.
version: 1
environment: development
label: demo
state: {{folder: {state}}}
systems:
"""

_TEMPLATE = """\
  decision-engine:
    profile: decision-engine
    root: {root[decision-engine]}
    services:
      api:
        base_url: {url[decision-engine]}
        runs_as: {process[decision-engine]}
        checks:
          health: {{url: /health, every: {every}}}
        logs: {{files: {{api: {{path: api/api.log}}}}}}
  ai-diy:
    profile: ai-diy
    root: {root[ai-diy]}
    services:
      app:
        base_url: {url[ai-diy]}
        runs_as: {process[ai-diy]}
        checks:
          health: {{url: /health, every: {every}}}
          security:
            url: /api/security/status
            kind: security
            every: {every}
            expect: {{conditions: ["report.resource_usage.memory_mb < 120 else degraded"]}}
  business-engine:
    profile: business-engine
    root: {root[business-engine]}
    redis: {{url: "{redis}/1"}}
    services:
      api:
        base_url: {url[business-api]}
        runs_as: {process[business-api]}
        checks:
          health: {{url: /health, every: {every}, expect: {{slow: 1s}}}}
          manager: {{url: /health/manager, every: {every}, expect: {{slow: 1s}}}}
          readyz: {{url: /readyz, every: {every}, expect: {{slow: 1s}}}}
          runs: {{url: "/runs?limit=5", kind: runs, every: {every}, expect: {{slow: 1s}}}}
        metrics: {{url: /metrics, every: 5s}}
        depends_on: [redis]
      manager:
        base_url: {url[business-manager]}
        runs_as: {process[business-manager]}
        checks:
          health: {{url: /health, every: {every}}}
      # Not part of the demo:
      worker: null
      beat: null
      web: null
      db: null
      minio: null
      grafana: null
      redis:
        runs_as: {process[redis]}
        checks: {{redis: {{url: "{redis}/1", every: {every}}}}}
  api-gateway:
    profile: api-gateway
    root: {root[api-gateway]}
    redis: {{url: "{redis}/0"}}
    services:
      proxy-service:
        base_url: {url[proxy-service]}
        runs_as: {process[proxy-service]}
        checks:
          health: {{url: /health, every: {every}}}
          proxy:
            url: /proxy/ok
            kind: api
            every: {every}
            note: "the whole way: limiter, breaker, upstream"
      upstream-service:
        base_url: {url[upstream-service]}
        runs_as: {process[upstream-service]}
        checks:
          health: {{url: /health, every: {every}}}
      redis:
        runs_as: {process[redis]}
        checks: {{redis: {{url: "{redis}/0", every: {every}}}}}
  cost-dashboard:
    profile: cost-dashboard
    root: {root[cost-dashboard]}
    services:
      api:
        base_url: {url[cost-dashboard]}
        runs_as: {process[cost-dashboard]}
        checks:
          health: {{url: /health, every: {every}}}
          detailed: {{url: /health/detailed, every: {every}}}
          db: {{url: /health/db, every: {every}}}
          scheduler: {{url: /health/scheduler, kind: scheduler, every: {every}}}
          forecast: {{url: /api/forecast/health, every: {every}}}
        metrics: {{url: /metrics, every: 5s}}
        logs:
          files:
            app: {{path: python-service/logs/app.log}}
            error: {{path: python-service/logs/error.log}}
            audit: {{path: python-service/logs/audit.log}}
      frontend:
        base_url: {url[outside]}
        checks:
          page: {{url: /, kind: page, every: {every}}}
      supabase-project:
        base_url: {url[outside]}
        checks:
          reach: {{url: /, kind: api, method: HEAD, every: {every}}}
    status_pages:
      supabase: {{url: "{url[outside]}/supabase/api/v2/status.json", every: {every}}}
      vercel: {{url: "{url[outside]}/vercel/api/v2/status.json", every: {every}}}
      anthropic: {{url: "{url[outside]}/anthropic/api/v2/status.json", every: {every}}}
      openai: {{url: "{url[outside]}/openai/api/v2/status.json", every: {every}}}
"""


def write_configuration(home: Home, ports: Mapping[str, int]) -> Path:
    """Write `quarterdeck.yaml` for a demo and return its path."""
    processes = {name: _process(home, name) for name in BY_NAME}
    redis = home.folder / "redis"
    log = redis / "redis-server.log"
    processes["redis"] = _flow(redis_command(home, ports["redis"]), redis, home, "redis", log)
    text = _TEMPLATE.format(
        root={name: json.dumps(str(home.system(name))) for name in _systems()},
        url={name: f"http://127.0.0.1:{port}" for name, port in ports.items()},
        process=processes,
        redis=f"redis://127.0.0.1:{ports['redis']}",
        every=EVERY,
    )
    head = _HEAD.format(state=json.dumps(str(home.folder / "state")))
    write_whole(home.config, head + text)
    return home.config


def _systems() -> set[str]:
    return {service.system for service in BY_NAME.values()}


def _process(home: Home, name: str) -> str:
    service = BY_NAME[name]
    return _flow(service.command(home), service.place(home), home, name, service.output(home))


def _flow(command: list[str], cwd: Path, home: Home, name: str, log: Path) -> str:
    """Return `{process: …}`; JSON is YAML, and quotes every path safely."""
    pidfile = str(home.pidfile(name))
    words = {
        "command": command,
        "start": command,
        "cwd": str(cwd),
        "pidfile": pidfile,
        "log": str(log),
    }
    return json.dumps({"process": words})
