"""Stand-ins for what is not ours: status pages in the shape of Statuspage v2, a frontend."""

import sys

from demo.home import Home, home_of
from demo.stamps import ago
from demo.web import NOT_FOUND, Answer, Request, begin, said, serve

SERVICE = "outside"
_PAGE = b"<!doctype html><title>AI Cost Dashboard</title>"
PAGES = {
    "supabase": ("Supabase", "https://status.supabase.com"),
    "vercel": ("Vercel", "https://www.vercel-status.com"),
    "anthropic": ("Anthropic", "https://status.claude.com"),
    "openai": ("OpenAI", "https://status.openai.com"),
}


class Pages:
    """Everything is operational, unless `provider-incident` is on."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._since = ago(hours=3)

    def answer(self, request: Request) -> Answer:
        """Return one page's status.json; at `/` what a frontend or a project answers."""
        if request.path == "/":
            return Answer(200, _PAGE, "text/html; charset=utf-8")
        words = request.path.strip("/").split("/")
        if len(words) != 4 or words[0] not in PAGES or words[1:] != ["api", "v2", "status.json"]:
            return NOT_FOUND
        name, url = PAGES[words[0]]
        is_broken = words[0] == "anthropic" and self._home.is_on("provider-incident")
        status = {"indicator": "none", "description": "All Systems Operational"}
        if is_broken:
            status = {"indicator": "major", "description": "Partial System Outage"}
        stamp = self._since.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        page = {"id": f"demo-{words[0]}", "name": name, "url": url, "time_zone": "Etc/UTC"}
        return said({"page": {**page, "updated_at": stamp}, "status": status})


def main() -> None:
    """Serve until TERM."""
    home = home_of(sys.argv)
    begin(home, SERVICE)
    serve(home, SERVICE, Pages(home).answer, lambda _request, _answer: None, "AtlassianEdge")


if __name__ == "__main__":
    main()
