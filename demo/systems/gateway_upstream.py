"""003, upstream-service: the Flask service behind the gateway: ok, slow, fail."""

import os
import sys
import time

from demo.console_log import Printed
from demo.home import Home, home_of
from demo.stamps import now
from demo.web import NOT_FOUND, Answer, Request, begin, said, serve

SERVICE = "upstream-service"


class Upstream:
    """Answers what its path says; while `breaker-open` is on, everything but its health fails."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def answer(self, request: Request) -> Answer:
        """Return the answer to one request."""
        path = request.path
        if path == "/health":
            return said({"status": "healthy"})
        if path == "/fail" or self._home.is_on("breaker-open"):
            return said({"error": "intentional failure"}, 500)
        if path == "/slow":
            time.sleep(2.0)
            return said({"message": "slow response"})
        if path in ("/ok", "/users", "/orders"):
            return said({"message": "upstream ok"})
        return NOT_FOUND


def main() -> None:
    """Serve until TERM."""
    home = home_of(sys.argv)
    log = Printed(home.system("api-gateway") / "logs" / "upstream-service.log")

    def access(request: Request, answer: Answer) -> None:
        stamp = now().strftime("%d/%b/%Y %H:%M:%S")
        line = f"{request.method} {request.target} HTTP/1.1"
        log.say(f'{request.client} - - [{stamp}] "{line}" {answer.status} -')

    begin(home, SERVICE)
    log.say(f" * Serving Flask app 'app'\n * Running on http://127.0.0.1 (pid {os.getpid()})")
    serve(home, SERVICE, Upstream(home).answer, access, "Werkzeug/3.0.1 Python/3.11.7")


if __name__ == "__main__":
    main()
