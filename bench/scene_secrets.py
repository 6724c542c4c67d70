"""The inventory of secrets of the scripted night. There are names here, and no values."""

from datetime import datetime, timedelta

from core.model.secret_view import SecretPlace, SecretRow, SecretsView
from core.model.text import SafeText, clean

_DAY_S = 86_400.0
_ENV = "/srv/business-engine/.env"


def _place(
    now: datetime, where: str, line: int | None, kind: str = "env file", mode: str = "0600 app:app"
) -> SecretPlace:
    target = "business-engine/env" if where == _ENV else ""
    written = now - timedelta(days=21)
    return SecretPlace(kind, clean(where), line, clean(mode), written, target)


def _found(*texts: str) -> tuple[SafeText, ...]:
    return tuple(clean(one) for one in texts)


def secrets_views(now: datetime) -> tuple[SecretsView, ...]:
    """Return what two systems keep: fine, placeholders, in git, set nowhere, of providers."""
    compose = _place(
        now, "/srv/business-engine/docker-compose.yml", 48, "compose file", "0644 root:root"
    )
    engine = (
        SecretRow(
            "business-engine", clean("JWT_SECRET"), (_place(now, _ENV, 3), compose),
            ("api", "worker", "manager"), True, 402 * _DAY_S, True,
            findings=_found("in git: docker-compose.yml", "readable by everybody (0644)"),
        ),
        SecretRow(
            "business-engine", clean("GOOGLE_API_KEY"), (_place(now, _ENV, 9),), ("api",), True,
            21 * _DAY_S, False, clean("Google"),
        ),
        SecretRow(
            "business-engine", clean("REDDIT_API_KEY"), (_place(now, _ENV, 10),), ("worker",),
            False, None, False, clean("Reddit"),
        ),
        SecretRow(
            "business-engine", clean("GF_SECURITY_ADMIN_PASSWORD"), (compose,), ("grafana",), True,
            402 * _DAY_S, True, findings=_found("admin/admin"),
        ),
        SecretRow(
            "business-engine", clean("DATABASE_URL"), (_place(now, _ENV, 5),),
            ("api", "worker"), True, 21 * _DAY_S, False,
        ),
    )  # fmt: skip
    gateway = (
        SecretRow(
            "api-gateway", clean("ADMIN_TOKEN\x1b]0;x\x07[b]"),
            (_place(now, "/etc/systemd/system/gateway.service", 14, "unit", "0644 root:root"),),
            ("proxy-service",), True, 88 * _DAY_S, True,
            findings=_found("placeholder: it looks like the one of the example"),
        ),
        SecretRow(
            "api-gateway", clean("SUPABASE_SERVICE_ROLE_KEY"),
            (_place(now, "/srv/api-gateway/.env.production", 7),), ("proxy-service",), True, None,
            False, clean("Supabase"),
        ),
    )  # fmt: skip
    problem = _found("/etc/gateway/secrets.env: permission denied")
    return (SecretsView("business-engine", engine), SecretsView("api-gateway", gateway, problem))
