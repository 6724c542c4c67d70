"""000: the two key stores that disagree, usage, readiness report and monitoring settings."""

from pathlib import Path

from demo.json_file import write_json
from demo.stamps import ago, naive, now

PRO = "key_DEMOhr7shzhChjIcFQNcAW-0hgWj5gBWVbWt"
FREE = "key_DEMOGMgFbcFoZviYmb5ntsMEVoOSetwKziKf"
USED_UP = "key_DEMOqL2vXw0aPz8rTn4sYb6dUe1mCk3jHf5g"
PLATINUM = "prod_DEMOolXcu2-tErMBYN3lrsCt9y-er7-zyFc"
BUILT_IN = "dev_key_123"


def seed(root: Path) -> None:
    """Write the deployment's files."""
    api = root / "api"
    for folder in (api, root / "backups", root / "scripts"):
        folder.mkdir(parents=True)
    write_json(api / "api_keys.json", _keys(is_pro_active=True))
    # The key tool, run from the root as the runbook says, writes beside it: another store (fact 1).
    write_json(root / "api_keys.json", _keys(is_pro_active=False))
    write_json(api / "rate_limits.json", _usage())
    write_json(root / "launch_readiness_report.json", _readiness())
    write_json(root / "monitoring_config.json", _monitoring())
    (root / ".env").write_text("LOG_LEVEL=INFO\nAPI_KEYS_FILE=api_keys.json\n", "utf-8")


def _key(tier: str, quota: int, days: float, *, is_active: bool) -> dict[str, object]:
    made = naive(ago(days=days))
    return {"tier": tier, "requests_per_month": quota, "created_at": made, "active": is_active}


def _keys(*, is_pro_active: bool) -> dict[str, object]:
    return {
        BUILT_IN: _key("dev", 1000, 104, is_active=True),
        PRO: _key("pro", 1_000_000, 100, is_active=is_pro_active),
        FREE: _key("free", 100, 3, is_active=False),
        USED_UP: _key("free", 100, 20, is_active=True),
        PLATINUM: _key("platinum", 100, 0.1, is_active=True),
    }


def _usage() -> dict[str, object]:
    month = f"{now():%Y-%m}"
    first, last = naive(ago(days=5)), naive(ago(minutes=2))

    def used(count: int, over: int = 0) -> dict[str, object]:
        times = {"first_request": first, "last_request": last}
        return {"count": count, **times, "overage_requests": over}

    return {
        f"{PRO}_{month}": used(940_000),
        f"{USED_UP}_{month}": used(100),
        f"{PLATINUM}_{month}": used(130, 30),
        f"{BUILT_IN}_{ago(days=32):%Y-%m}": {"count": 5},
        f"{PRO}:/decisions/evaluate": {"requests": [last], "limit": 60},
    }


def _readiness() -> dict[str, object]:
    checks = {"tests": False, "files": True, "environment": True, "security": True}
    return {"timestamp": naive(ago(hours=6)), "checks": checks, "ready": False}


def _monitoring() -> dict[str, object]:
    return {
        "enabled": True,
        "alerts": {
            "error_rate_threshold": 5.0,
            "response_time_threshold": 1000,
            "uptime_threshold": 99.0,
            "rate_limit_warning": 80,
        },
        "endpoints": {
            "health_check_interval": 60,
            "health_check_url": "/health",
            "expected_response_time": 100,
        },
        "notifications": {"email": [], "webhook": ["https://hooks.example.net/x"], "slack": None},
        "metrics": {"retention_days": 30, "aggregation_interval": 300},
    }
