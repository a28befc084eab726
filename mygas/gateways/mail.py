"""Letters by SMTP. Every letter is plain text in UTF-8; certificates are always verified."""

import re
import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qsl, unquote, urlsplit

from email_validator import validate_email

from mygas import clock
from mygas.gateways.contract import TryLater, Undeliverable, is_near, mark
from mygas.gateways.deadline import deadline
from mygas.settings import BadSettings, Settings

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True)
class SmtpMail:
    """One SMTP server, spoken to by `scheme`: smtp (bare), smtp+starttls or smtps. `name` is what we are called in EHLO
    and in Message-IDs. `timeout` is in seconds for the whole conversation: less than the 30 of the worker's lease."""

    scheme: str
    host: str
    port: int
    sender: Address
    name: str
    context: ssl.SSLContext
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 20.0

    def send(self, to: str, subject: str, text: str, key: str) -> str:
        """Hand one letter over to the server; returns its Message-ID. Raises Undeliverable, TryLater.

        What the server says of the recipient or of the letter decides between the two; what it says of us (password,
        sender, certificate) an operator can mend, so the letter waits.
        """
        try:
            recipient = _in_ascii(to)
            letter = self._letter(recipient, subject, text, key)
        except ValueError:
            raise Undeliverable("the address or the words are not fit for a letter") from None
        try:
            self._hand_over(letter, recipient)
        except smtplib.SMTPRecipientsRefused as refused:
            raise _verdict("the recipient", *refused.recipients[recipient]) from None
        except smtplib.SMTPDataError as refused:
            raise _verdict("the letter", refused.smtp_code, refused.smtp_error) from None
        except smtplib.SMTPResponseException as refused:
            raise TryLater(_refusal("us", refused.smtp_code, refused.smtp_error)) from None
        except ssl.SSLCertVerificationError as error:
            raise TryLater(f"the mail server's certificate is not trusted: {error.verify_message}") from None
        except (OSError, ValueError) as error:  # SMTPException is an OSError; ValueError: an answer in no known language
            raise TryLater(f"the mail server did not take the letter: {type(error).__name__}") from None
        return str(letter["Message-ID"])

    def _letter(self, recipient: str, subject: str, text: str, key: str) -> EmailMessage:
        """Raises ValueError: EmailMessage lets no line break into a header."""
        letter = EmailMessage(policy=SMTP)
        letter["From"] = self.sender
        letter["To"] = recipient
        letter["Subject"] = subject
        letter["Date"] = format_datetime(clock.now())
        letter["Message-ID"] = f"<{mark(key)}@{self.name}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: asks holiday answers not to come
        letter.set_content(text, cte="base64")  # passes every server whole, long links too
        return letter

    def _hand_over(self, letter: EmailMessage, recipient: str) -> None:
        with closing(self._client()) as smtp, deadline(self.timeout, lambda: smtp.sock):
            code, reply = smtp.connect(self.host, self.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, reply)
            if self.scheme == "smtp+starttls":
                smtp.starttls(context=self.context)
            if self.user:
                smtp.login(self.user, self.password)
            smtp.ehlo_or_helo_if_needed()
            if not recipient.isascii() and not smtp.has_extn("smtputf8"):
                raise Undeliverable("the mail server takes no address with such letters (no SMTPUTF8)")
            smtp.send_message(letter, self.sender.addr_spec, [recipient])
            with suppress(OSError):
                smtp.putcmd("quit")  # the letter is theirs by now: a slow farewell must not make us send it again

    def _client(self) -> smtplib.SMTP:
        if self.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=self.name, timeout=self.timeout, context=self.context)
        else:
            client = smtplib.SMTP(local_hostname=self.name, timeout=self.timeout)
        client._host = self.host  # type: ignore[attr-defined]  # connect() alone leaves TLS without a name to verify
        return client


def from_settings(settings: Settings) -> SmtpMail:
    """The server that `mail_url` names: `scheme://user:password@host:port?timeout=20&ca=/file/of/trusted.pem`.

    Raises BadSettings, never quoting the address: it holds a password.
    """
    try:
        url = urlsplit(settings.mail_url)
        options = dict(parse_qsl(url.query, strict_parsing=True)) if url.query else {}
        mail = SmtpMail(
            scheme=url.scheme,
            host=url.hostname or "",
            port=url.port or _PORTS[url.scheme],
            sender=_sender(settings.mail_from),
            name=_domain(urlsplit(settings.public_url).hostname or "localhost"),
            context=ssl.create_default_context(cafile=options.pop("ca", None)),
            user=unquote(url.username or ""),
            password=unquote(url.password or ""),
            timeout=float(options.pop("timeout", SmtpMail.timeout)),
        )
    except (ValueError, OSError, KeyError, MessageError) as error:
        raise BadSettings(f"MYGAS_MAIL_URL or MYGAS_MAIL_FROM cannot be understood ({type(error).__name__})") from None
    if options or not mail.host or not 0 < mail.timeout < 30:
        raise BadSettings("MYGAS_MAIL_URL needs a host and may have only timeout (below 30) and ca after the question mark")
    if not (mail.user + mail.password).isascii():
        raise BadSettings("MYGAS_MAIL_URL has a user or a password with letters that SMTP cannot carry")
    if mail.user and mail.scheme == "smtp" and not is_near(mail.host):
        raise BadSettings("MYGAS_MAIL_URL would send its password in the open: use smtp+starttls:// or smtps://")
    return mail


def _sender(text: str) -> Address:
    """Raises ValueError or MessageError when the text is no `Name <address>`."""
    if not text.isprintable():  # parseaddr would take a line break for the end
        raise ValueError("a sender is one line")
    name, address = parseaddr(text)
    local_part, _, domain = address.rpartition("@")
    return Address(name, addr_spec=f"{local_part}@{_domain(domain)}")


def _domain(name: str) -> str:
    """`смородина.онлайн` → `xn--80ahmohdapg.xn--80asehdb`."""
    return name.encode("idna").decode("ascii")


def _in_ascii(address: str) -> str:
    """The address with its domain in ASCII; the part before @ has no such form. Raises ValueError when it is no address."""
    found = validate_email(address, check_deliverability=False)
    return f"{found.local_part}@{found.ascii_domain}"


def _verdict(of: str, code: int, reply: bytes | str) -> Undeliverable | TryLater:
    kind = Undeliverable if 500 <= code <= 599 else TryLater
    return kind(_refusal(of, code, reply))


def _refusal(of: str, code: int, reply: bytes | str) -> str:
    """Codes only (RFC 5321, RFC 3463): the words of a server often repeat the address."""
    text = reply.decode("ascii", "replace") if isinstance(reply, bytes) else reply
    detail = re.match(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}\b", text)
    return f"the mail server refused {of}: {code}{' ' + detail[0] if detail else ''}"
