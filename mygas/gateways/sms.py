"""Short messages by any provider's HTTP interface: address, method, template and the signs of success are data."""

import http.client
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from mygas.gateways.asking import Host, Question, ask
from mygas.gateways.contract import TryLater, Undeliverable, is_near, mark
from mygas.settings import BadSettings, Settings

_PLACE = re.compile(r"\{(to|digits|text|key)\}")
_PLAIN = re.compile(r"[!-~]+")  # what an address or a form is written with
_ANSWER = 64 * 1024  # bytes of an answer that are read; the rest is nobody's business
_FOR_GOOD = (400, 413, 414, 422)  # what they say of a message; every other refusal is of us: key, money, address, rate


class Signs(NamedTuple):
    """How an answer is read. `ok`: found in every good answer. `never`: found when the message will never be taken.
    `id` and `why`: their first group is the provider's id of the message, or its reason for a refusal."""

    ok: re.Pattern[str] | None = None
    never: re.Pattern[str] | None = None
    id: re.Pattern[str] | None = None
    why: re.Pattern[str] | None = None


@dataclass(frozen=True)
class HttpSms:
    """One provider. `target` is path and query; `template` is the body, or for GET the rest of the query.

    Only `host` is ever called: whatever stands in a message goes through the template, and redirects are not followed.
    `timeout` is in seconds for the whole exchange.
    """

    host: str
    port: int | None
    method: str
    target: str = field(repr=False)
    template: str = field(repr=False)
    signs: Signs
    authorization: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None  # None: plain HTTP
    timeout: float = 10.0

    def send(self, to: str, text: str, key: str) -> str:
        """Hand one message over; returns the provider's id of it, or the mark. Raises Undeliverable, TryLater."""
        filled = fill(self.template, {"to": to, "digits": to.lstrip("+"), "text": text, "key": mark(key)})
        try:
            status, answer = ask(Host(self.host, self.port, self.context, self.timeout), self._request(filled), _ANSWER)
        except ssl.SSLCertVerificationError as error:
            raise TryLater(f"the SMS gateway's certificate is not trusted: {error.verify_message}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: an answer that is no HTTP
            raise TryLater(f"the SMS gateway did not answer: {type(error).__name__}") from None
        return self._read(status, answer.decode("utf-8", "replace")) or mark(key)

    def _request(self, filled: str) -> Question:
        headers = {"Accept": "*/*"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        if self.method == "GET":
            return Question("GET", self.target + ("&" if "?" in self.target else "?") + filled, None, headers)
        headers["Content-Type"] = _content_type(self.template)
        return Question(self.method, self.target, filled.encode(), headers)

    def _read(self, status: int, answer: str) -> str:
        """The provider's id out of a good answer, perhaps empty."""
        if self.signs.never and self.signs.never.search(answer):
            raise Undeliverable(self._refusal(status, answer))
        if 200 <= status <= 299 and (self.signs.ok is None or self.signs.ok.search(answer)):
            return _group(self.signs.id, answer)
        raise (Undeliverable if status in _FOR_GOOD else TryLater)(self._refusal(status, answer))

    def _refusal(self, status: int, answer: str) -> str:
        """The status and what `why` finds; never more of an answer, which may repeat the message and the number."""
        why = _group(self.signs.why, answer)
        return f"the SMS gateway refused: HTTP {status}{', ' + why if why else ''}"


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its places filled in one pass, escaped for JSON when it begins with a brace, else for a form."""
    escaped = _in_json if template.startswith("{") else _in_form
    return _PLACE.sub(lambda place: escaped(values[place[1]]), template)


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _in_form(value: str) -> str:
    return quote(value, safe="")


def _content_type(template: str) -> str:
    return "application/json; charset=utf-8" if template.startswith("{") else "application/x-www-form-urlencoded"


def _group(pattern: re.Pattern[str] | None, answer: str) -> str:
    """The first group where the pattern is found, cut to 100 printable characters."""
    found = pattern.search(answer) if pattern else None
    return "".join(filter(str.isprintable, found[1] or ""))[:100] if found else ""


def from_settings(settings: Settings) -> HttpSms:
    """The provider that `sms_url`, `sms_method` and `sms_body` describe; docs/gateways.md shows how.

    What stands after `#` in the address never leaves this machine: there the signs of success are written, as
    `#ok=REGEX&never=REGEX&id=REGEX&why=REGEX&authorization=WORDS&ca=FILE`, with `%26` for an ampersand and `%25` for a
    per cent sign inside a value. Raises BadSettings, never quoting the address or the template: they hold secrets.
    """
    try:
        url = urlsplit(settings.sms_url)
        notes = {name: unquote(value) for name, _, value in (note.partition("=") for note in url.fragment.split("&") if note)}
        signs = Signs(**{name: re.compile(notes.pop(name)) for name in Signs._fields if name in notes})
        context = ssl.create_default_context(cafile=notes.pop("ca", None))
        sms = HttpSms(
            host=url.hostname or "",
            port=url.port,
            method=settings.sms_method,
            target=(url.path or "/") + ("?" + url.query if url.query else ""),
            template=settings.sms_body,
            signs=signs,
            authorization=notes.pop("authorization", ""),
            context=context if url.scheme == "https" else None,
        )
    except (ValueError, OSError, re.error) as error:
        raise BadSettings(f"MYGAS_SMS_URL cannot be understood ({type(error).__name__})") from None
    if notes:
        raise BadSettings("MYGAS_SMS_URL may have only ok, never, id, why, authorization and ca after #")
    if any(pattern and not pattern.groups for pattern in (signs.id, signs.why)):
        raise BadSettings("MYGAS_SMS_URL: id and why need a group in brackets, which is what they find")
    if url.scheme not in ("http", "https") or not sms.host or url.username is not None or not _PLAIN.fullmatch(sms.target):
        raise BadSettings("MYGAS_SMS_URL must be https://host/path; a password goes after #authorization= or into the body")
    if url.scheme == "http" and not is_near(sms.host):
        raise BadSettings("MYGAS_SMS_URL must begin with https:// unless the gateway is on this machine or in a private network")
    _check_template(sms.method, sms.template)
    return sms


def _check_template(method: str, template: str) -> None:
    places = set(_PLACE.findall(template))
    if method not in ("GET", "POST"):
        raise BadSettings("MYGAS_SMS_METHOD must be GET or POST")
    if "text" not in places or not places & {"to", "digits"}:
        raise BadSettings("MYGAS_SMS_BODY must have {text} and {to} (or {digits}) in it")
    if template.startswith("{"):
        _check_json(method, template)
    elif not _PLAIN.fullmatch(template):
        raise BadSettings("MYGAS_SMS_BODY as a form may have no blanks and no Russian letters: write them as %20, %D0%9C")


def _check_json(method: str, template: str) -> None:
    if method == "GET":
        raise BadSettings("MYGAS_SMS_BODY cannot be JSON when MYGAS_SMS_METHOD is GET")
    try:
        json.loads(fill(template, dict.fromkeys(("to", "digits", "text", "key"), "0")))
    except ValueError:
        raise BadSettings("MYGAS_SMS_BODY begins with a brace, but is not JSON") from None
