"""Names of things. Host-qualified from the first day: `host/system/service`."""

from dataclasses import dataclass

LOCAL_HOST = "local"


@dataclass(frozen=True, slots=True, order=True)
class ServiceId:
    """One service of one system on one host."""

    system: str
    service: str
    host: str = LOCAL_HOST

    def __str__(self) -> str:
        return f"{self.host}/{self.system}/{self.service}"


@dataclass(frozen=True, slots=True, order=True)
class CheckId:
    """One probe of a service."""

    service: ServiceId
    check: str

    def __str__(self) -> str:
        return f"{self.service}/{self.check}"
