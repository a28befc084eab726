"""Short messages, against real HTTP servers that speak like two known providers, and against ones that misbehave."""

import json
import logging
import re
import ssl
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from mygas.gateways import sms
from mygas.gateways.contract import TryLater, Undeliverable, mark
from mygas.settings import ROOT, BadSettings
from tests.gateways.faults import dripping, nonsense, reset, silent

PHONE = "+79123456789"
TEXT = "Мой Газ: код 123456. Никому его не говорите & не «пересылайте» + 100%\n{key} \\"
KEY = "code:42:sms"

SMSC = {
    "path": "/sys/send.php",
    "sms_method": "GET",
    "sms_body": "login=portal&psw=s3cret&phones={to}&mes={text}&id={key}&charset=utf-8&fmt=3",
    "notes": r'ok="cnt"&never="error_code":\s*[78]\b&id="id":\s*"?([^",}]+)&why="error_code":\s*([0-9]+)',
}
SMSRU = {
    "path": "/sms/send",
    "sms_method": "POST",
    "sms_body": "api_id=s3cret&to={digits}&msg={text}&json=1",
    "notes": r'ok="sms_id"&never="status_code":\s*(?:202|207)\b&id="sms_id":\s*"([^"]+)"&why="status_code":\s*([2-9][0-9]+)',
}
JSON = {
    "path": "/v1/messages",
    "sms_method": "POST",
    "sms_body": '{"to": "{to}", "text": "{text}", "ref": "{key}"}',
    "notes": r'authorization=Bearer%20s3cret&id="id":"([^"]+)"',
}


class Provider:
    """What a provider was asked and what it answers."""

    def __init__(self) -> None:
        self.asked = []
        self.status, self.answer, self.location = 200, "{}", ""

    def says(self, answer: str, status: int = 200, location: str = "") -> None:
        self.status, self.answer, self.location = status, answer, location

    def handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                provider.asked.append((self.command, self.path, self.headers, body.decode()))
                self.send_response(provider.status)
                if provider.location:
                    self.send_header("Location", provider.location)
                self.end_headers()
                with suppress(ConnectionError):  # of a huge answer the gateway hears only the beginning
                    self.wfile.write(provider.answer.encode())

            do_POST = do_GET  # noqa: N815

            def log_message(self, *args):
                """Say nothing on the test's screen."""

        return Handler


@contextmanager
def _listening(provider: Provider, certificate: str):
    with ThreadingHTTPServer(("127.0.0.1", 0), provider.handler()) as server:
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def provider():
    """Starts providers: `provider(certificate="")` returns one that listens on `.port`."""
    with ExitStack() as running:

        def start(certificate: str = "") -> Provider:
            found = Provider()
            found.port = running.enter_context(_listening(found, certificate))
            return found

        yield start


@pytest.fixture
def gateway(settings):
    """`gateway(SMSC, port)`: the gateway that a provider's description and a port make."""

    def make(described: dict[str, str], port: int, origin: str = "http://127.0.0.1", notes: str = ""):
        url = f"{origin}:{port}{described['path']}#{described['notes']}{notes}"
        return sms.from_settings(settings(sms_url=url, sms_method=described["sms_method"], sms_body=described["sms_body"]))

    return make


def test_a_provider_like_smsc(provider, gateway):
    there = provider()
    there.says('{"id": "9f3b", "cnt": 1}')
    assert gateway(SMSC, there.port).send(PHONE, TEXT, KEY) == "9f3b"
    ((command, path, _, body),) = there.asked
    assert (command, body) == ("GET", "")
    assert urlsplit(path).path == "/sys/send.php"
    assert parse_qs(urlsplit(path).query, strict_parsing=True) == {
        "login": ["portal"],
        "psw": ["s3cret"],
        "phones": [PHONE],
        "mes": [TEXT],
        "id": [mark(KEY)],
        "charset": ["utf-8"],
        "fmt": ["3"],
    }


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(2, TryLater), (3, TryLater), (9, TryLater), (7, Undeliverable), (8, Undeliverable)],
    ids=["password", "money", "too often", "number", "cannot be delivered"],
)
def test_refusals_like_smsc(provider, gateway, code, outcome):
    there = provider()
    there.says(f'{{"error": "about {PHONE}", "error_code": {code}, "id": "9f3b"}}')
    with pytest.raises(outcome, match=rf"HTTP 200, {code}\Z"):
        gateway(SMSC, there.port).send(PHONE, TEXT, KEY)


def test_a_provider_like_sms_ru(provider, gateway):
    there = provider()
    there.says(
        '{"status": "OK", "status_code": 100, "sms": {"79123456789": {"status": "OK", "status_code": 100, "sms_id": "000000-1"}}}'
    )
    assert gateway(SMSRU, there.port).send(PHONE, TEXT, KEY) == "000000-1"
    ((command, path, headers, body),) = there.asked
    assert (command, path) == ("POST", "/sms/send")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body, strict_parsing=True) == {"api_id": ["s3cret"], "to": ["79123456789"], "msg": [TEXT], "json": ["1"]}


@pytest.mark.parametrize(("code", "outcome"), [(202, Undeliverable), (207, Undeliverable), (201, TryLater), (220, TryLater)])
def test_refusals_like_sms_ru(provider, gateway, code, outcome):
    there = provider()
    there.says(f'{{"status": "OK", "status_code": 100, "sms": {{"79123456789": {{"status": "ERROR", "status_code": {code}}}}}}}')
    with pytest.raises(outcome, match=f"HTTP 200, {code}"):
        gateway(SMSRU, there.port).send(PHONE, TEXT, KEY)


def test_a_provider_that_wants_json(provider, gateway):
    there = provider()
    there.says('{"id":"m-1"}', status=201)
    assert gateway(JSON, there.port).send(PHONE, TEXT, KEY) == "m-1"
    ((_, _, headers, body),) = there.asked
    assert (headers["Content-Type"], headers["Authorization"]) == ("application/json; charset=utf-8", "Bearer s3cret")
    assert json.loads(body) == {"to": PHONE, "text": TEXT, "ref": mark(KEY)}


def test_the_mark_stands_for_an_id_that_was_not_given(provider, gateway):
    there = provider()
    assert gateway(JSON, there.port).send(PHONE, TEXT, KEY) == mark(KEY)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, Undeliverable), (422, Undeliverable)]
    + [(status, TryLater) for status in (401, 402, 403, 404, 408, 429, 500, 502, 503)],
)
def test_http_refusals(provider, gateway, status, outcome):
    there = provider()
    there.says('{"id":"m-1"}', status=status)
    with pytest.raises(outcome, match=f"HTTP {status}"):
        gateway(JSON, there.port).send(PHONE, TEXT, KEY)


def test_a_redirect_leads_nowhere(provider, gateway):
    there, elsewhere = provider(), provider()
    for target in (f"http://127.0.0.1:{elsewhere.port}/", "http://169.254.169.254/latest/meta-data/"):
        there.says("", status=302, location=target)
        with pytest.raises(TryLater, match="HTTP 302"):
            gateway(JSON, there.port).send(PHONE, TEXT, KEY)
    assert elsewhere.asked == []


def test_what_a_message_holds_never_changes_where_it_goes(provider, gateway):
    there = provider()
    there.says('{"id": "9f3b", "cnt": 1}')
    hostile = "@evil.example/?phones=+7999&x=\r\nHost: evil.example\r\n\r\n"
    gateway(SMSC, there.port).send(hostile, hostile, hostile)
    ((_, path, headers, _),) = there.asked
    assert headers["Host"] == f"127.0.0.1:{there.port}"
    assert parse_qs(urlsplit(path).query)["phones"] == [hostile]


def test_certificates_are_verified(provider, gateway, certificate, strange_certificate):
    there, stranger = provider(certificate), provider(strange_certificate)
    there.says('{"id":"m-1"}')
    assert gateway(JSON, there.port, "https://localhost", f"&ca={certificate}").send(PHONE, TEXT, KEY) == "m-1"
    with pytest.raises(TryLater, match="not trusted"):
        gateway(JSON, there.port, "https://localhost").send(PHONE, TEXT, KEY)
    with pytest.raises(TryLater, match="not trusted"):
        gateway(JSON, stranger.port, "https://localhost", f"&ca={strange_certificate}").send(PHONE, TEXT, KEY)
    assert (len(there.asked), stranger.asked) == (1, [])


@pytest.mark.parametrize(
    "talk",
    [silent, reset, nonsense, dripping(b""), dripping(b"HTTP/1.1 200 OK\r\nX-Y: "), dripping(b"HTTP/1.1 200 OK\r\n\r\n")],
    ids=["silent", "reset", "nonsense", "dripping", "dripping header", "dripping body"],
)
def test_a_bad_server_is_tried_later_and_soon_left(serve, gateway, talk):
    hasty = replace(gateway(JSON, serve(talk)), timeout=0.4)
    begun = time.monotonic()
    with pytest.raises(TryLater):
        hasty.send(PHONE, TEXT, KEY)
    assert time.monotonic() - begun < 2


def test_dripping_under_tls_is_left_too(serve, gateway, certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def talk(line):
        with context.wrap_socket(line, server_side=True) as covered:
            dripping(b"HTTP/1.1 200 OK\r\n\r\n")(covered)

    hasty = replace(gateway(JSON, serve(talk), "https://localhost", f"&ca={certificate}"), timeout=0.4)
    begun = time.monotonic()
    with pytest.raises(TryLater, match="in time"):
        hasty.send(PHONE, TEXT, KEY)
    assert time.monotonic() - begun < 2


def test_nobody_there(gateway, closed_port):
    with pytest.raises(TryLater, match="ConnectionRefusedError"):
        gateway(JSON, closed_port).send(PHONE, TEXT, KEY)


def test_of_a_huge_answer_only_the_beginning_is_read(provider, gateway):
    there = provider()
    there.says('{"id":"m-1"}' + " " * 2**20)
    assert gateway(JSON, there.port).send(PHONE, TEXT, KEY) == "m-1"
    there.says(" " * 2**20 + '{"cnt": 1}')
    with pytest.raises(TryLater):
        gateway(SMSC, there.port).send(PHONE, TEXT, KEY)


def test_no_secret_and_no_message_in_words_for_the_log(provider, gateway, caplog):
    caplog.set_level(logging.DEBUG)
    there = provider()
    there.says(f"s3cret {PHONE} {TEXT}", status=500)
    words = repr([gateway(SMSC, there.port), gateway(JSON, there.port)])
    for described in (SMSC, SMSRU, JSON):
        with pytest.raises(TryLater) as refusal:
            gateway(described, there.port).send(PHONE, TEXT, KEY)
        words += str(refusal.value) + repr(refusal.value)
    assert not any(hidden in words + caplog.text for hidden in ("s3cret", "9123456789", "123456"))


GOOD = {"sms_url": "https://sms.example.ru/send", "sms_method": "POST", "sms_body": "key=s3cret&to={to}&msg={text}"}


@pytest.mark.parametrize(
    "change",
    [
        {"sms_url": "ftp://sms.example.ru/send"},
        {"sms_url": "https:///send"},
        {"sms_url": "http://sms.example.ru/send"},
        {"sms_url": "http://169.254.169.254/send"},
        {"sms_url": "http://8.8.8.8/send"},
        {"sms_url": "https://portal:s3cret@sms.example.ru/send"},
        {"sms_url": "https://sms.example.ru:port/send?key=s3cret"},
        {"sms_url": "https://sms.example.ru/send some?key=s3cret"},
        {"sms_url": "https://sms.example.ru/send?key=s3cret#ok=("},
        {"sms_url": "https://sms.example.ru/send?key=s3cret#id=no-group"},
        {"sms_url": "https://sms.example.ru/send?key=s3cret#yes=1"},
        {"sms_url": "https://sms.example.ru/send?key=s3cret#ca=/nowhere.pem"},
        {"sms_method": "PUT"},
        {"sms_body": ""},
        {"sms_body": "key=s3cret&to={to}"},
        {"sms_body": "key=s3cret&msg={text}"},
        {"sms_body": "key=s3cret&to={to}&msg=Мой Газ: {text}"},
        {"sms_body": '{"key": "s3cret", "to": {to}, "text": {text}'},
        {"sms_body": '{"key": "s3cret", "to": "{to}", "text": "{text}"}', "sms_method": "GET"},
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(settings, change):
    assert sms.from_settings(settings(**GOOD)).host == "sms.example.ru"
    with pytest.raises(BadSettings) as refusal:
        sms.from_settings(settings(**{**GOOD, **change}))
    assert "s3cret" not in str(refusal.value)


def test_the_examples_of_the_guide_are_accepted(settings):
    blocks = re.findall(r"```\n(MYGAS_SMS_URL=.*?)```", (ROOT / "docs" / "gateways.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        given = dict(line.split("=", 1) for line in re.sub("ЛОГИН|ПАРОЛЬ|КЛЮЧ", "s3cret", block).splitlines())
        described = {name.removeprefix("MYGAS_").lower(): value for name, value in given.items()}
        assert sms.from_settings(settings(**described)).signs.id


def test_a_gateway_in_the_room_may_speak_plain_http(settings):
    for host in ("localhost", "127.0.0.1", "192.168.1.20", "10.0.0.7", "[::1]"):
        assert sms.from_settings(settings(**{**GOOD, "sms_url": f"http://{host}:8080/send"})).context is None
