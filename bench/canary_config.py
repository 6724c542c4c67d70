"""The configuration of a world of planted secrets: something of everything that can be done."""

import sys
from pathlib import Path


def configuration(folder: Path, redis_url: str, port: int, engine: str) -> str:
    """Return the configuration of a world.

    Args:
        folder: The world's.
        redis_url: With a reference to the password in it.
        port: Of the service that answers, on loopback.
        engine: What runs on the world's own Docker engine: a part of the configuration, indented by
            two; empty where there is none.
    """
    serve = f"[{sys.executable}, {folder}/world/serve.py, '{port}']"
    answer = f"[{sys.executable}, {folder}/world/answer.py]"
    return _SHOP.format(
        folder=folder, url=redis_url, port=port, serve=serve, answer=answer, python=sys.executable
    ) + (engine)


_SHOP = """\
version: 1
environment: development
state: {{folder: {folder}/state}}
systems:
  shop:
    root: {folder}/world
    redis: {{url: '{url}'}}
    services:
      app:
        base_url: http://127.0.0.1:{port}
        runs_as: {{process: {{command: {serve}, start: {serve}, cwd: {folder}/world,
          log: {folder}/world/served.log}}}}
        checks: {{health: {{url: /health, kind: api}}}}
        logs: {{files: {{app: {{path: app.log}}}}}}
      old:
        logs: {{files: {{app: {{path: 'logs/old_%Y%m%d.jsonl'}}}}}}
    retention:
      application: {{keep: 100d, compress_after: 7d}}
    env_files:
      env: {{path: .env, apply: none, read_by: [app],
        variables: {{SCHEDULER_ENABLED: {{one_of: ['true', 'false']}}}}}}
    config_files:
      models: {{path: models.json, format: json, apply: none}}
      web: {{path: api.conf, format: nginx, apply: none}}
      dashboard-main: {{path: dashboard.json, format: json, apply: none}}
    tuning:
      fast: {{env_file: env, values: {{RATE: '100', BURST: '500'}}}}
    scaling:
      more: {{kind: kubernetes, service: shop, namespace: prod, replicas: 5}}
    triggers:
      jobs: {{service: app, paths: ['/run/{{job}}'], jobs: [clear]}}
    keys:
      api: {{kind: json, path: api_keys.json, tiers: {{free: 100, pro: 10000}}}}
    tokens:
      jwt: {{secret_variable: JWT_SECRET, env_file: env, service: app}}
    streams:
      - {{name: events, keys: [events], dead_letters: [dead], min_idle: 1s}}
    circuits:
      - {{name: up, keys: ['circuit_breaker:up'], service: app, upstream: app}}
      - {{name: down, keys: ['circuit_breaker:down'], service: app, upstream: app}}
    limits:
      - {{name: clients, keys: ['rate_limit:*'], env_file: env, capacity_variable: RATE}}
    redis_keys:
      tokens: {{keys: ['token:*']}}
    repos:
      repo: {{path: repo, url: {folder}/upstream}}
      fresh: {{path: fresh, url: {folder}/upstream}}
      release: {{path: current, url: {folder}/upstream}}
    commands:
      tell: {{argv: [/bin/sh, tell.sh, '{{word}}'], inputs: {{word: a word}}, danger: M,
        judge: {{says: [told]}}}}
      look: {{argv: [/bin/cat, .env], danger: R}}
      serve: {{argv: {answer}, danger: M, cwd: {folder}/world, background: {{log: out.log}}}}
    backups:
      data:
        kind: archive
        sources: [data/]
        target: "backup/data-%Y%m%d-%H%M%S.tar.gz"
        restore_needs_stop: false
      copies:
        kind: json
        sources: [models.json]
        target: "backup/models_%Y%m%d-%H%M%S.json"
        offsite: {folder}/away
        keep: 30d
        restore_needs_stop: false
  spare:
    root: {folder}/spare
    services: {{}}
"""
