"""Reads one metrics endpoint."""

from core.clients.clock import Clock
from core.clients.http_values import HttpRequest
from core.clients.prometheus import parse_scrape
from core.errors import ClientError
from core.model.events import Event, MetricsObserved
from core.model.ids import ServiceId
from core.model.metric import Scrape
from core.model.text import clean
from core.model.topology import MetricsSpec
from core.sources.http_check import HttpReader

SAMPLES_MAX = 2000
"""Samples kept of one read; what is beyond is counted. The store keeps as many series."""
_GRACE_S = 1.0


class MetricsSource:
    """One metrics endpoint of one service."""

    def __init__(
        self, service: ServiceId, spec: MetricsSpec, client: HttpReader, clock: Clock
    ) -> None:
        """Take whose metrics to read, where, and with what."""
        self.name = f"metrics {service}"
        self.every_s = spec.every_s
        self.deadline_s = spec.timeout_s + _GRACE_S
        self._service = service
        self._spec = spec
        self._request = HttpRequest(
            url=spec.secret.reveal() if spec.secret is not None else spec.url,
            timeout_s=spec.timeout_s,
            headers=spec.headers,
            ca_file=spec.ca_file,
        )
        self._client = client
        self._clock = clock

    async def look(self) -> tuple[Event, ...]:
        """Read once; an endpoint that does not answer is an observation as well."""
        try:
            answer = await self._client.get(self._request)
        except ClientError as error:
            scrape = Scrape(self._clock.now(), "unreachable", clean(str(error)))
        else:
            scrape = parse_scrape(answer, self._service, self._clock.now(), SAMPLES_MAX)
        return (MetricsObserved(self._service, scrape, self._spec.known_as),)
