"""Letters, against a real SMTP server and against servers that misbehave."""

import email
import email.policy
import logging
import ssl
import time
from dataclasses import replace
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from mygas.gateways import mail
from mygas.gateways.contract import TryLater, Undeliverable, mark
from mygas.settings import BadSettings
from tests.gateways.faults import dripping, nonsense, reset, silent

LINK = "https://gas.example.ru/join/link/" + "x1" * 80
TEXT = f"Код подтверждения: 123456.\n\nИли откройте страницу:\n{LINK}\n\nЕсли это были не Вы, ничего не делайте.\n"
KEY = "code:42:email"


class Office:
    """A post office that keeps what it takes and refuses as it is told."""

    def __init__(self) -> None:
        self.envelopes = []
        self.rcpt = self.data = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data.startswith("250"):
            self.envelopes.append(envelope)
        return self.data

    def letter(self) -> EmailMessage:
        """The only letter taken."""
        (envelope,) = self.envelopes
        return email.message_from_bytes(envelope.content, policy=email.policy.default)


class AnyPort(Controller):
    """A server on the port that the system gives."""

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, host=self.hostname, port=0, ssl=self.ssl_context)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def office():
    """Starts post offices: `office(**options of aiosmtpd)` returns one that listens on `office.port`."""
    controllers = []

    def start(**options) -> Office:
        handler = Office()
        controller = AnyPort(handler, hostname="127.0.0.1", **options)
        controller.start()
        controllers.append(controller)
        handler.port = controller.port
        return handler

    yield start
    for controller in controllers:
        controller.stop(no_assert=True)


def tls(certificate: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def knows(server, session, envelope, mechanism, data) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"portal", b"s3/cret"), handled=False)


def test_a_letter_arrives_whole(office, settings):
    post = office()
    gateway = mail.from_settings(
        settings(
            mail_url=f"smtp://127.0.0.1:{post.port}",
            mail_from="Мой Газ <noreply@gas.example.ru>",
            public_url="https://gas.example.ru",
        )
    )
    sent = gateway.send("ivan@example.ru", "Код подтверждения «Мой Газ»", TEXT, KEY)
    letter = post.letter()
    assert sent == letter["Message-ID"] == f"<{mark(KEY)}@gas.example.ru>"
    assert (letter["From"], letter["To"]) == ("Мой Газ <noreply@gas.example.ru>", "ivan@example.ru")
    assert letter["Subject"] == "Код подтверждения «Мой Газ»"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert abs(letter["Date"].datetime.timestamp() - time.time()) < 60
    assert (letter.get_content_type(), letter.get_content_charset()) == ("text/plain", "utf-8")
    assert letter.get_content().splitlines() == TEXT.splitlines()
    assert LINK in letter.get_content().splitlines()
    assert post.envelopes[0].mail_from == "noreply@gas.example.ru"
    assert post.envelopes[0].content.isascii()


def test_the_same_promise_has_the_same_mark_at_every_try(office, settings):
    post = office()
    gateway = mail.from_settings(settings(mail_url=f"smtp://127.0.0.1:{post.port}"))
    marks = {gateway.send("ivan@example.ru", "Код", TEXT, KEY) for _ in range(2)}
    assert len(marks) == 1
    assert gateway.send("ivan@example.ru", "Код", TEXT, "code:43:email") not in marks


def test_a_russian_domain_travels_in_ascii(office, settings):
    post = office(enable_SMTPUTF8=False)
    gateway = mail.from_settings(
        settings(mail_url=f"smtp://127.0.0.1:{post.port}", mail_from="Smorodina <noreply@смородина.онлайн>")
    )
    gateway.send("support@смородина.онлайн", "Вопрос", TEXT, KEY)
    assert post.envelopes[0].rcpt_tos == ["support@xn--80ahmohdapg.xn--80asehdb"]
    assert post.envelopes[0].mail_from == "noreply@xn--80ahmohdapg.xn--80asehdb"
    assert post.letter()["To"] == "support@xn--80ahmohdapg.xn--80asehdb"


def test_a_russian_name_before_the_at_sign_needs_a_server_that_takes_it(office, settings):
    able, unable = office(enable_SMTPUTF8=True), office(enable_SMTPUTF8=False)
    mail.from_settings(settings(mail_url=f"smtp://127.0.0.1:{able.port}")).send("иван@смородина.онлайн", "Код", TEXT, KEY)
    assert able.envelopes[0].rcpt_tos == ["иван@xn--80ahmohdapg.xn--80asehdb"]
    with pytest.raises(Undeliverable, match="SMTPUTF8"):
        mail.from_settings(settings(mail_url=f"smtp://127.0.0.1:{unable.port}")).send("иван@смородина.онлайн", "Код", TEXT, KEY)
    assert unable.envelopes == []


@pytest.mark.parametrize(
    "to", ["a@b.ru\r\nBcc: x@y.ru", "a@b.ru\nRCPT TO:<x@y.ru>", "a@b.ru, x@y.ru", "Иван <a@b.ru>", "a", "", "a@"]
)
def test_what_is_no_address_is_never_sent(office, settings, to):
    post = office()
    with pytest.raises(Undeliverable):
        mail.from_settings(settings(mail_url=f"smtp://127.0.0.1:{post.port}")).send(to, "Код", TEXT, KEY)
    assert post.envelopes == []


@pytest.mark.parametrize("subject", ["Код\r\nBcc: x@y.ru", "Код\nX: y", "Код\rX: y"])
def test_no_line_break_gets_into_a_header(office, settings, subject):
    post = office()
    with pytest.raises(Undeliverable):
        mail.from_settings(settings(mail_url=f"smtp://127.0.0.1:{post.port}")).send("a@example.ru", subject, TEXT, KEY)
    assert post.envelopes == []


@pytest.mark.parametrize(
    ("rcpt", "data", "outcome"),
    [
        ("550 5.1.1 ivan@example.ru is unknown", "250 OK", Undeliverable),
        ("450 4.2.0 ivan@example.ru is greylisted", "250 OK", TryLater),
        ("421 too busy", "250 OK", TryLater),
        ("250 OK", "554 5.7.1 looks like spam: 123456", Undeliverable),
        ("250 OK", "452 4.3.1 disk full", TryLater),
    ],
)
def test_a_refusal_for_good_and_a_refusal_for_now(office, settings, rcpt, data, outcome):
    post = office()
    post.rcpt, post.data = rcpt, data
    with pytest.raises(outcome) as refusal:
        mail.from_settings(settings(mail_url=f"smtp://127.0.0.1:{post.port}")).send("ivan@example.ru", "Код", TEXT, KEY)
    words = str(refusal.value)
    assert (rcpt if data.startswith("250") else data)[:3] in words
    assert "ivan" not in words
    assert "123456" not in words


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # aiosmtpd does not see the TLS of smtps
@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_tls_and_a_password(office, settings, certificate, scheme, caplog):
    caplog.set_level(logging.DEBUG)
    door = {"ssl_context": tls(certificate)} if scheme == "smtps" else {"tls_context": tls(certificate), "require_starttls": True}
    post = office(authenticator=knows, auth_required=True, auth_require_tls=scheme != "smtps", **door)

    def send(password: str, ca: str = f"ca={certificate}") -> str:
        url = f"{scheme}://portal:{password}@localhost:{post.port}?{ca}"
        return mail.from_settings(settings(mail_url=url)).send("ivan@example.ru", "Код", TEXT, KEY)

    assert send("s3%2Fcret")
    assert post.letter()["To"] == "ivan@example.ru"
    with pytest.raises(TryLater, match=r"refused us: 535 5\.7\.8") as refusal:
        send("wr0ng")
    with pytest.raises(TryLater, match="not trusted"):
        send("s3%2Fcret", ca="timeout=5")
    assert len(post.envelopes) == 1
    ours = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail."))
    assert not any(secret in str(refusal.value) + ours for secret in ("wr0ng", "s3/cret", "s3%2Fcret"))


def test_a_certificate_of_another_host_is_refused(office, settings, strange_certificate):
    post = office(tls_context=tls(strange_certificate))
    url = f"smtp+starttls://127.0.0.1:{post.port}?ca={strange_certificate}"
    with pytest.raises(TryLater, match="not trusted"):
        mail.from_settings(settings(mail_url=url)).send("ivan@example.ru", "Код", TEXT, KEY)
    assert post.envelopes == []


def test_a_server_that_lost_its_tls_gets_no_password(office, settings):
    post = office(authenticator=knows, auth_require_tls=False)
    url = f"smtp+starttls://portal:s3cret@127.0.0.1:{post.port}"
    with pytest.raises(TryLater):
        mail.from_settings(settings(mail_url=url)).send("ivan@example.ru", "Код", TEXT, KEY)
    assert post.envelopes == []


@pytest.mark.parametrize(
    "talk",
    [
        silent,
        reset,
        nonsense,
        dripping(b""),
        dripping(b"220 "),
        dripping(b"220 hello\r\n250-"),
        lambda line: line.sendall(b"554 go away\r\n"),
    ],
    ids=["silent", "reset", "nonsense", "dripping", "dripping greeting", "dripping answer", "unwelcome"],
)
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_bad_server_is_tried_later_and_soon_left(serve, settings, scheme, talk):
    gateway = mail.from_settings(settings(mail_url=f"{scheme}://127.0.0.1:{serve(talk)}?timeout=0.4"))
    begun = time.monotonic()
    with pytest.raises(TryLater):
        gateway.send("ivan@example.ru", "Код", TEXT, KEY)
    assert time.monotonic() - begun < 2


def test_nobody_there(settings, closed_port):
    with pytest.raises(TryLater, match="ConnectionRefusedError"):
        mail.from_settings(settings(mail_url=f"smtp://127.0.0.1:{closed_port}")).send("ivan@example.ru", "Код", TEXT, KEY)


def test_a_taken_letter_is_not_sent_again_for_a_slow_farewell(serve, settings):
    def talk(line):
        line.sendall(b"220 hello\r\n")
        for answer in (b"250 hello", b"250 from", b"250 to", b"354 go on", b"250 taken"):
            line.recv(65536)
            line.sendall(answer + b"\r\n")
        silent(line)

    gateway = mail.from_settings(settings(mail_url=f"smtp://127.0.0.1:{serve(talk)}"))
    begun = time.monotonic()
    assert gateway.send("ivan@example.ru", "Код", "123456", KEY)
    assert time.monotonic() - begun < 2


def test_ports_and_time_limit(settings):
    assert [
        mail.from_settings(settings(mail_url=f"{scheme}://127.0.0.1")).port for scheme in ("smtp", "smtp+starttls", "smtps")
    ] == [25, 587, 465]
    assert mail.from_settings(settings(mail_url="smtp://127.0.0.1?timeout=10")).timeout == 10


@pytest.mark.parametrize(
    "change",
    [
        {"mail_url": "smtp://"},
        {"mail_url": "ftp://mail.example.ru"},
        {"mail_url": "smtp://portal:s3cret@mail.example.ru"},
        {"mail_url": "smtps://portal:пароль-s3cret@mail.example.ru"},
        {"mail_url": "smtps://portal:s3cret@mail.example.ru:port"},
        {"mail_url": "smtps://portal:s3cret@mail.example.ru?verify=no"},
        {"mail_url": "smtps://portal:s3cret@mail.example.ru?timeout=soon"},
        {"mail_url": "smtps://portal:s3cret@mail.example.ru?timeout=60"},
        {"mail_url": "smtps://portal:s3cret@mail.example.ru?ca=/nowhere.pem"},
        {"mail_url": "smtps://portal:s3cret@mail.example.ru", "mail_from": "Smorodina"},
        {"mail_url": "smtps://portal:s3cret@mail.example.ru", "mail_from": "Smorodina <a@b.ru>\r\nBcc: x@y.ru"},
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(settings, change):
    with pytest.raises(BadSettings) as refusal:
        mail.from_settings(settings(**change))
    assert "s3cret" not in str(refusal.value)


def test_no_secret_is_shown_by_the_gateway_itself(settings):
    gateway = mail.from_settings(settings(mail_url="smtps://portal:s3cret@mail.example.ru"))
    assert "s3cret" not in repr(replace(gateway, timeout=1))
