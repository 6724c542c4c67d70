"""The demo's processes: what each is called, how it is started, how it is known to answer."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.home import Home


@dataclass(frozen=True, slots=True)
class Service:
    """One process of the demo."""

    name: str
    """Its name in pidfiles and among the ports."""
    system: str
    module: str
    """Run as `python -m demo.systems.MODULE`."""
    cwd: str
    """Below the system's root."""
    log: str
    """Where its output goes, below the system's root."""
    health: str = "/health"
    """A path that answers 200 when it is ready."""

    def command(self, home: Home) -> list[str]:
        """Return the command line that starts it."""
        return [sys.executable, "-m", f"demo.systems.{self.module}", "--home", str(home.folder)]

    def place(self, home: Home) -> Path:
        """Return its working folder."""
        return home.system(self.system) / self.cwd

    def output(self, home: Home) -> Path:
        """Return the log its output is appended to."""
        return home.system(self.system) / self.log


_DASHBOARD = "python-service"
_MANAGER = "platform/orchestration/manager"

SERVICES = (
    Service("decision-engine", "decision-engine", "decision_engine", "api", "api/api.log"),
    Service("ai-diy", "ai-diy", "ai_diy", "", "logs/console.log"),
    Service("business-api", "business-engine", "business_api", "backend", "backend/logs/app.log"),
    Service(
        "business-manager",
        "business-engine",
        "business_manager",
        _MANAGER,
        f"{_MANAGER}/manager.log",
    ),
    Service("proxy-service", "api-gateway", "gateway_proxy", "", "logs/proxy-service.log"),
    Service("upstream-service", "api-gateway", "gateway_upstream", "", "logs/upstream-service.log"),
    Service(
        "cost-dashboard",
        "cost-dashboard",
        "cost_dashboard",
        _DASHBOARD,
        f"{_DASHBOARD}/logs/console.log",
    ),
    Service("outside", "outside", "outside", "", "outside.log", "/openai/api/v2/status.json"),
)
BY_NAME: Mapping[str, Service] = {service.name: service for service in SERVICES}
