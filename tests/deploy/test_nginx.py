"""deploy/nginx.conf: what a visitor gets through a real nginx from a real portal."""

import gzip
import http.client
import http.server
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from mygas import up
from tests.deploy import proxy
from tests.deploy.proxy import DEPLOY, HOST, Proxy, answered

TOKEN = "S3cretTokenOfALetter0123456789"


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """client → TLS → nginx → a server that answers with the headers that reached it."""
    if proxy.NGINX is None:
        pytest.skip(proxy.NO_NGINX)

    class Echo(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps([[name.lower(), value] for name, value in self.headers.items()]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with proxy.running(tmp_path_factory.mktemp("echo") / "nginx", server.server_port) as before:
        yield before
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(proxy.NGINX is None, reason=proxy.NO_NGINX)
def test_nginx_accepts_the_files(tmp_path: Path):
    proxy.write(tmp_path / "nginx", 8000)
    tried = subprocess.run(
        [str(proxy.NGINX), "-t", "-c", tmp_path / "nginx" / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr


def test_port_80_leads_to_tls_and_nowhere_else(served: Proxy):
    connection = http.client.HTTPConnection("127.0.0.1", served.http, timeout=10)
    connection.request("GET", "/s/perm/?from=paper", headers={"Host": "evil.example"})
    answer = answered(connection)
    assert (answer.status, answer.all("location")) == (301, [f"https://{HOST}/s/perm/?from=paper"])
    assert answer.all("strict-transport-security") == []


def test_a_certificate_is_had_through_port_80(served: Proxy):
    challenge = served.folder / "acme" / ".well-known" / "acme-challenge"
    challenge.mkdir(parents=True)
    (challenge / "abc").write_text("abc.def", encoding="ascii")
    connection = http.client.HTTPConnection("127.0.0.1", served.http, timeout=10)
    connection.request("GET", "/.well-known/acme-challenge/abc", headers={"Host": HOST})
    assert answered(connection).text() == "abc.def"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("version", "taken"),
    [
        (ssl.TLSVersion.TLSv1, False),
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
def test_tls_1_2_and_newer(lonely: Proxy, version: ssl.TLSVersion, taken: bool):
    context = lonely.trust()
    context.set_ciphers("ALL:@SECLEVEL=0")  # else this client itself would refuse the old ones
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", lonely.https), 10) as line:
        if taken:
            with context.wrap_socket(line, server_hostname=HOST) as tls:
                assert tls.version() == version.name.replace("_", ".")
        else:
            with pytest.raises(ssl.SSLError, match=r"ALERT_PROTOCOL_VERSION|HANDSHAKE_FAILURE|UNSUPPORTED_PROTOCOL"):
                context.wrap_socket(line, server_hostname=HOST)


def test_http_2_is_spoken(lonely: Proxy):
    context = lonely.trust()
    context.set_alpn_protocols(["h2", "http/1.1"])
    line = socket.create_connection(("127.0.0.1", lonely.https), 10)
    with context.wrap_socket(line, server_hostname=HOST) as tls:
        assert tls.selected_alpn_protocol() == "h2"


@pytest.mark.parametrize("path", ["/", "/nowhere", "/confirm/nonsense"])
def test_headers_come_once(served: Proxy, path: str):
    answer = served.get(path, Accept_Encoding="gzip")
    count = Counter(name for name, _ in answer.headers if name != "set-cookie")
    assert [name for name, times in count.items() if times > 1] == []
    assert count.keys() >= {
        "strict-transport-security", "content-security-policy", "x-content-type-options", "referrer-policy", "vary",
        "cache-control",
    }  # fmt: skip
    assert answer.all("server") == ["nginx"]


def test_cookies_are_bound_to_tls(served: Proxy):
    cookies = served.get("/").all("set-cookie")
    assert cookies
    assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in cookies)


@pytest.mark.parametrize(("packing", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_page_is_packed_once_and_by_the_portal(served: Proxy, packing: str, unpack):
    answer = served.get("/", Accept_Encoding=packing)
    assert answer.all("content-encoding") == [packing]
    assert unpack(answer.body).startswith(b"<!doctype html>")


def test_a_page_that_may_be_probed_is_packed_by_nobody(served: Proxy):
    """The portal leaves it as it is (decision 11), and Debian's nginx packs HTML unless it is told not to."""
    answer = served.get("/help/search?q=%D1%81%D1%87%D1%91%D1%82", Accept_Encoding="gzip, br")
    assert answer.status == 200
    assert answer.all("content-encoding") == []
    assert answer.body.startswith(b"<!doctype html>")


def test_static_files_are_kept_for_a_year(served: Proxy):
    (sheet,) = set(re.findall(r'/static/boot\.js[^"]*', served.get("/").text()))
    answer = served.get(sheet, Accept_Encoding="br")
    assert answer.all("content-encoding") == ["br"]
    assert [re.sub(r"\s", "", value) for value in answer.all("cache-control")] == ["public,max-age=31536000,immutable"]


def test_what_a_visitor_says_of_proxies_is_replaced(echo: Proxy):
    forged = {
        "X-Forwarded-For": "127.0.0.1, 10.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1", "X-Forwarded-Prefix": "/evil", "Forwarded": "for=1.2.3.4", "Proxy": "evil.example",
    }  # fmt: skip
    heard = json.loads(echo.ask("GET", "/", headers=forged).body)
    of_proxies = [[name, value] for name, value in heard if "forward" in name or name == "proxy"]
    assert sorted(of_proxies) == [["x-forwarded-for", "127.0.0.1"], ["x-forwarded-proto", "https"]]
    assert ["host", HOST] in heard


@pytest.mark.parametrize("path", ["/readyz", "/metrics", "/healthz", "/training/readyz", "/%72eadyz", "//readyz", "/x/../readyz"])
def test_what_is_for_this_machine_is_not_found_from_outside(echo: Proxy, path: str):
    """Asked before a server that would answer anything."""
    assert echo.get(path, X_Forwarded_For="127.0.0.1").status == 404


def test_trace_is_not_answered(served: Proxy):
    assert served.ask("TRACE", "/").status == 405


def test_a_connection_is_kept_for_two_minutes(lonely: Proxy):
    """A new one costs seconds on a 2G line."""
    connection = lonely.connect()
    lines = []
    for _ in range(2):
        connection.request("GET", "/")
        assert answered(connection).status == 503
        lines.append(connection.sock.getsockname())
    assert lines[0] == lines[1]
    assert "keepalive_timeout 120s;" in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


def test_as_much_is_taken_as_the_portal_takes():
    (most,) = re.findall(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert int(most) * 1024 * 1024 == up.MOST_BYTES


@pytest.mark.parametrize(
    ("megabytes", "sentence"), [(13, "<h1>"), (33, "Вместе они больше 32 МБ, и портал их не принял. Ничего не отправлено.")]
)
def test_a_big_body_is_refused_in_russian(served: Proxy, megabytes: int, sentence: str):
    """By the portal's own page up to what its server takes, by a page of nginx above."""
    answer = served.ask("POST", "/join/contact", bytes(megabytes * 1024 * 1024), {"Content-Type": "application/octet-stream"})
    assert answer.status == 413
    assert sentence in answer.text()
    assert re.search("[а-яё]{4}", answer.text())
    assert len(answer.all("content-security-policy")) == 1


def test_a_slow_body_waits_before_the_portal(served: Proxy):
    """Ninety visitors whose bodies drip: the portal hears of none of them, answers others, and then hears each one out."""
    body = b"login=" + b"x" * 94
    slow = []
    for _ in range(90):
        connection = served.connect()
        connection.putrequest("POST", "/")
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[:50])
        slow.append(connection)
    time.sleep(0.5)
    assert _lines_to(served.portal) == 0
    began = time.monotonic()
    assert served.get("/").status == 200
    assert time.monotonic() - began < 5
    for connection in slow:
        connection.send(body[50:])
    statuses = Counter(answered(connection).status for connection in slow)
    for connection in slow:
        connection.close()
    assert set(statuses) <= {400, 422, 429}, statuses  # answers of the portal: without a token, or too many tries
    assert sum(statuses.values()) == 90


def _lines_to(port: int) -> int:
    """Established connections of this machine to that port of its own."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


def test_tokens_and_questions_stay_out_of_the_logs(served: Proxy, lonely: Proxy):
    for before in (served, lonely):
        for path in (
            f"/confirm/{TOKEN}", f"/undo/{TOKEN}", f"/training/confirm/{TOKEN}", f"/con%66irm/{TOKEN}", f"//confirm/{TOKEN}",
            f"/support/tickets/{TOKEN}", f"/help/search?q={TOKEN}", f"/x/../confirm/{TOKEN}?{TOKEN}",
        ):  # fmt: skip
            before.get(path)
        before.ask("POST", f"/confirm/{TOKEN}", b"x=1")
    for before in (served, lonely):
        lines = [json.loads(line) for line in before.access_log().splitlines()]
        assert [line["path"] for line in lines].count("/confirm/-") >= 5
        assert {"/undo/-", "/training/confirm/-", "/support/tickets/-", "/help/search"} <= {line["path"] for line in lines}
        assert TOKEN not in before.access_log()
    assert TOKEN not in re.sub(r'/help/search\?[^" ]*', "", lonely.error_log())
    assert "Connection refused" in lonely.error_log()  # what went wrong is still told


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_portal_that_is_away_is_excused_in_russian(lonely: Proxy, method: str):
    answer = lonely.ask(method, "/accounts/", b"x=1" if method == "POST" else None)
    assert answer.status == 503
    assert "<h1>Портал ненадолго остановлен</h1>" in answer.text()
    assert answer.all("retry-after") == ["30"]
    assert answer.all("content-type") == ["text/html; charset=utf-8"]
    assert len(answer.all("strict-transport-security")) == 1
    assert "no-store" in answer.all("cache-control")[0]


def test_a_portal_that_is_closed_for_an_upgrade_hears_nothing(served: Proxy):
    served.close()
    try:
        answers = [served.get("/"), served.ask("POST", "/hooks/yookassa", b"{}"), served.get(f"/confirm/{TOKEN}")]
    finally:
        served.open()
    assert [answer.status for answer in answers] == [503, 503, 503]
    assert all("Портал ненадолго остановлен" in answer.text() for answer in answers)
    assert served.get("/").status == 200


@pytest.mark.parametrize("page", sorted(path.name for path in (DEPLOY / "pages").iterdir()))
def test_pages_of_nginx_need_nothing(page: str):
    """No file of the portal, which is away, and no other host."""
    text = (DEPLOY / "pages" / page).read_text(encoding="utf-8")
    assert not re.search(r"\bsrc=|<link|https?:", text)
    assert text.count("<h1>") == 1
    assert 'lang="ru"' in text
    assert "tel:104" in text
