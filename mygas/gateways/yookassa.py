"""YooKassa's API v3 over plain HTTPS: payments, refunds, the register, notifications (docs/decisions/0008).

The bank of the demo speaks the same API, so that what is tried there is the client that works in production.
"""

import base64
import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import quote, urlencode

from mygas.acquiring import Asked, Declined, Forged, Heard, NotThere, OutcomeUnknown, RefundAsked, Told, ToldRefund
from mygas.gateways import yookassa_words as words
from mygas.gateways.asking import Host, Question, ask
from mygas.gateways.contract import TryLater

Network = IPv4Network | IPv6Network

_ANSWER = 4 * 1024 * 1024  # bytes: a hundred payments are a third of a megabyte
_NOTIFICATION = 64 * 1024  # bytes
_NOT_FOUND = "not_found"
_NOT_OF_THE_REQUEST = (401, 403, 407, 408, 409, 425, 429)  # refusals of us or of the moment: mended, the same may succeed
_PAGES = 10_000  # of a register, a hundred payments each
_EVENTS = ("payment.succeeded", "payment.waiting_for_capture", "payment.canceled", "refund.succeeded")


@dataclass
class YooKassa:
    """One shop. `host` and `path` are where the API is; `pages` and `networks` where its pages and notifications come from.

    `shop` goes into HTTP Basic as it is: `shopId:secret`. What a payment must carry besides its sum is told by `custom`.
    """

    host: Host
    path: str
    shop: str = field(repr=False)
    pages: tuple[str, ...]
    networks: tuple[Network, ...]
    custom: words.Custom
    name: str = "yookassa"

    def begin(self, asked: Asked) -> Told:
        """Begin a payment. The key is honoured for 24 hours: after that the same key begins another payment.

        Raises Declined, OutcomeUnknown.
        """
        return self._told(self._post("/payments", asked.key, words.payment(asked, self.custom)))

    def ask(self, payment_id: str) -> Told:
        """How a payment stands, and the id of its fiscal receipt once there is one. Raises OutcomeUnknown."""
        told = self._get(f"/payments/{quote(payment_id, safe='')}")
        return self._told(told, self._fiscal_id(payment_id) if told.get("receipt_registration") == "succeeded" else "")

    def refund(self, asked: RefundAsked) -> ToldRefund:
        """Give money back, once per key (for 24 hours). Raises Declined, OutcomeUnknown."""
        return words.told_refund(self._post("/refunds", asked.key, words.refund(asked, self.custom)))

    def ask_refund(self, refund_id: str) -> ToldRefund:
        """How a refund stands. Raises OutcomeUnknown."""
        return words.told_refund(self._get(f"/refunds/{quote(refund_id, safe='')}"))

    def register(self, since: datetime, until: datetime) -> Iterator[Told]:
        """All payments begun from `since` on and before `until`, a hundred at a time. Raises OutcomeUnknown."""
        asked = {"created_at.gte": _moment(since), "created_at.lt": _moment(until), "limit": "100"}
        for _ in range(_PAGES):
            page = self._get("/payments?" + urlencode(asked))
            for item in words.items(page):
                yield self._told(item)
            if not page.get("next_cursor"):
                return
            asked["cursor"] = str(page["next_cursor"])
        raise OutcomeUnknown("the acquirer's register has no end")

    def hear(self, body: bytes, ip: str, headers: Mapping[str, str]) -> Heard:
        """Read a notification; it is not signed, so the network it comes from is all that can be checked. Raises Forged."""
        if not _comes_from(ip, self.networks):
            raise Forged("the notification comes from a strange network")
        if len(body) > _NOTIFICATION:
            raise Forged("the notification is too long")
        try:
            told = json.loads(body)
            event, thing = told["event"], told["object"]
            payment_id = words.an_id(thing["payment_id" if event == "refund.succeeded" else "id"])
            heard = Heard(f"{event}:{words.an_id(thing['id'])}", payment_id, event)
        except (ValueError, LookupError, TypeError, RecursionError):
            raise Forged("the notification cannot be read") from None
        if event not in _EVENTS:
            raise Forged("the notification is of an unknown event")
        return heard

    def _fiscal_id(self, payment_id: str) -> str:
        """The id of the fiscal receipt, empty when it cannot be had: what became of the money is known without it."""
        try:
            return words.fiscal_id(self._get("/receipts?" + urlencode({"payment_id": payment_id, "limit": 1})))
        except OutcomeUnknown:
            return ""

    def _told(self, told: Mapping[str, Any], fiscal_id: str = "") -> Told:
        return words.told_payment(told, fiscal_id, secure=self.host.context is not None)

    def _get(self, target: str) -> dict[str, Any]:
        """Whatever goes wrong with a question changes nothing there: it is asked again."""
        try:
            return self._answer("GET", target, None, {})
        except Declined as no:
            if no.reason == _NOT_FOUND:
                raise NotThere(f"the acquirer knows no such thing: {no.reason}") from None
            raise OutcomeUnknown(f"the acquirer does not answer the question: {no.reason}") from None

    def _post(self, target: str, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Idempotence-Key": key}
        return self._answer("POST", target, json.dumps(body, ensure_ascii=False).encode(), headers)

    def _answer(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> dict[str, Any]:
        """The JSON of a good answer. Raises Declined for a refusal in the acquirer's own words, OutcomeUnknown for all else."""
        basic = base64.b64encode(self.shop.encode()).decode()
        headers = {"Accept": "application/json", "Authorization": f"Basic {basic}", **headers}
        try:
            status, answer = ask(self.host, Question(method, self.path + target, body, headers), _ANSWER + 1)
        except ssl.SSLCertVerificationError as error:
            raise OutcomeUnknown(f"the acquirer's certificate is not trusted: {error.verify_message}") from None
        except TryLater:
            raise OutcomeUnknown("the acquirer did not answer in time") from None
        except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: an answer that is no HTTP
            raise OutcomeUnknown(f"the acquirer did not answer: {type(error).__name__}") from None
        if len(answer) > _ANSWER:
            raise OutcomeUnknown("the acquirer's answer is too long")
        if status == 200:
            return words.parse(answer)
        if 400 <= status <= 499 and status not in _NOT_OF_THE_REQUEST and (reason := words.refusal(answer)):
            raise Declined(reason)
        raise OutcomeUnknown(f"the acquirer answered HTTP {status}")


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _comes_from(ip: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in networks)
