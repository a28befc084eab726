"""A visitor over HTTP: keeps cookies and the connection, posts the form that is on the page. For measurements only."""

import http.client
import re
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urlsplit

_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


@dataclass
class Visitor:
    """One browser at 127.0.0.1:`port`; `address` is whom the portal takes it for when it trusts one proxy (MYGAS_PROXIES=1)."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    path: str = "/"
    page: str = ""
    status: int = 0

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str) -> "Visitor":
        """Open a page, following redirects."""
        return self._go("GET", path)

    def submit(self, **fields: str) -> "Visitor":
        """Post the first form of main with its hidden fields and these; raises LookupError where main has no form."""
        main = self.page[self.page.index("<main") :]
        action = re.search(r'<form method="post" action="([^"]+)"', main)
        if action is None:
            raise LookupError(f"{self.path} has no form")
        form = main[action.start() : main.index("</form>", action.start())]
        hidden = [dict(_ATTRIBUTE.findall(tag)) for tag in _HIDDEN.findall(form)]
        data = {unescape(one["name"]): unescape(one.get("value", "")) for one in hidden} | fields
        return self._go("POST", unescape(action[1]), urlencode(data))

    def close(self) -> None:
        self._connection.close()

    def _go(self, method: str, path: str, body: str | None = None) -> "Visitor":
        for _ in range(5):
            headers = {"X-Forwarded-For": self.address, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            self.page = answer.read().decode()
            self.status, self.path = answer.status, path
            for line in answer.headers.get_all("Set-Cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            if answer.status not in (302, 303):
                return self
            place = urlsplit(answer.headers["Location"])
            method, body, path = "GET", None, place._replace(scheme="", netloc="").geturl()
        raise RecursionError(f"{path} is redirected without end")
