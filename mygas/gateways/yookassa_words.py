"""What is said to YooKassa and what it says, as JSON: pure functions, no network.

Names and lengths are of its API reference; `payment_order` must go with every payment for utilities.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from mygas import money
from mygas.acquiring import Asked, Fiscal, Item, OutcomeUnknown, RefundAsked, TheirState, Told, ToldRefund

_STATES: Final[Mapping[str, TheirState]] = {
    "pending": "pending",
    "waiting_for_capture": "pending",  # the money is held, not taken: we ask for it to be taken at once
    "succeeded": "succeeded",
    "canceled": "canceled",
}
_FISCAL: Final[Mapping[str | None, Fiscal]] = {None: "", "pending": "pending", "succeeded": "done", "canceled": "failed"}
_ID = re.compile(r"[0-9A-Za-z-]{1,64}\Z")
_PAGE = 2000  # characters of an address: as many as are kept
_WORD = re.compile(r"[a-z0-9_.]{1,60}\Z")


@dataclass(frozen=True)
class Custom:
    """What a shop's payments carry. `vat` is the rate's code of 54-ФЗ (11 is 22 %, since 2026), `tax` that of the taxation
    system or None; `receipt` says whether the acquirer makes the fiscal receipt, `order` whether the shop is for utilities."""

    vat: int = 11
    tax: int | None = None
    receipt: bool = True
    order: bool = True


def payment(asked: Asked, custom: Custom) -> dict[str, Any]:
    """The body of POST /payments. The way to pay is not named, so the payer chooses it: a card, СБП."""
    body: dict[str, Any] = {
        "amount": amount(asked.amount_kop),
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": asked.return_url, "locale": "ru_RU"},
        "description": asked.description[:128],
        "metadata": {"order": asked.key},
    }
    if custom.order:
        body["payment_order"] = _payment_order(asked)
    if custom.receipt:
        body["receipt"] = _receipt(asked.buyer, asked.items, custom)
    return body


def refund(asked: RefundAsked, custom: Custom) -> dict[str, Any]:
    """The body of POST /refunds."""
    body: dict[str, Any] = {
        "payment_id": asked.payment_id,
        "amount": amount(asked.amount_kop),
        "description": asked.description[:250],
    }
    if custom.receipt:
        body["receipt"] = _receipt(asked.buyer, asked.items, custom)
    return body


def _payment_order(asked: Asked) -> dict[str, Any]:
    payee, (year, month) = asked.payee, divmod(asked.period, 100)
    bank = {"name": payee.bank_name[:45], "bic": payee.bic, "account": payee.account, "correspondent_account": payee.corr_account}
    return {
        "type": "utilities",
        "amount": amount(asked.amount_kop),
        "payment_purpose": asked.description[:210],
        "recipient": {"name": payee.name, "inn": payee.inn, "kpp": payee.kpp, "bank": bank},
        "payment_period": {"month": month, "year": year},
        "account_number": asked.account_number,
    }


def _receipt(buyer: str, items: tuple[Item, ...], custom: Custom) -> dict[str, Any]:
    """The fiscal receipt: full payment for a service (54-ФЗ, ФФД 1.05 and later)."""
    receipt: dict[str, Any] = {
        "customer": {"email": buyer} if "@" in buyer else {"phone": buyer.lstrip("+")},
        "items": [
            {"description": item.name[:128], "quantity": "1", "amount": amount(item.sum_kop), "vat_code": custom.vat,
             "payment_mode": "full_payment", "payment_subject": "service"}
            for item in items
        ],
    }  # fmt: skip
    if custom.tax is not None:
        receipt["tax_system_code"] = custom.tax
    return receipt


def amount(kopecks: int) -> dict[str, str]:
    """`1234.56` rubles. Raises ValueError for less than a kopeck: nobody pays that."""
    if kopecks < 1:
        raise ValueError("a sum to pay is positive")
    return {"value": f"{kopecks // 100}.{kopecks % 100:02d}", "currency": "RUB"}


def parse(answer: bytes) -> dict[str, Any]:
    """The JSON object of an answer. Raises OutcomeUnknown."""
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise OutcomeUnknown("the acquirer's answer is not its own")
    return told


def refusal(answer: bytes) -> str:
    """The acquirer's code of a definite no, and the parameter it names: `invalid_request:receipt`. Empty where it is none.

    A used key with other data is no refusal of the payment: the first of the two may stand.
    """
    try:
        told = parse(answer)
    except OutcomeUnknown:
        return ""
    code, parameter, why = (str(told.get(name) or "") for name in ("code", "parameter", "description"))
    if told.get("type") != "error" or not _WORD.match(code) or "idempoten" in f"{parameter} {why}".lower():
        return ""
    return (f"{code}:{parameter}" if _WORD.match(parameter) else code)[:60]


def told_payment(told: Mapping[str, Any], fiscal_id: str, *, secure: bool) -> Told:
    """A payment. `secure`: its page must be https. Raises OutcomeUnknown for anything that cannot be one."""
    try:
        page = (told.get("confirmation") or {}).get("confirmation_url") or ""
        if page and (len(page) > _PAGE or not page.startswith("https://" if secure else ("https://", "http://"))):
            raise ValueError("a page that is no page")
        return Told(
            id=an_id(told["id"]),
            key=str((told.get("metadata") or {}).get("order") or "")[:64],
            state=_STATES[told["status"]],
            amount_kop=_kopecks(told["amount"]),
            currency=str(told["amount"]["currency"]),
            page=page,
            reason=_reason(told),
            fiscal=_FISCAL[told.get("receipt_registration")],
            fiscal_id=fiscal_id,
            refunded_kop=_kopecks(told["refunded_amount"]) if told.get("refunded_amount") else 0,
            created_at=_moment(told["created_at"]),
            paid_at=_moment(told["captured_at"]) if told.get("captured_at") else None,
        )
    except (LookupError, ValueError, TypeError, AttributeError):
        raise OutcomeUnknown("the acquirer's answer is not its own") from None


def told_refund(told: Mapping[str, Any]) -> ToldRefund:
    """A refund. Raises OutcomeUnknown for anything that cannot be one."""
    try:
        return ToldRefund(
            id=an_id(told["id"]),
            payment_id=an_id(told["payment_id"]),
            state=_STATES[told["status"]],
            amount_kop=_kopecks(told["amount"]),
            reason=_reason(told),
        )
    except (LookupError, ValueError, TypeError, AttributeError):
        raise OutcomeUnknown("the acquirer's answer is not its own") from None


def items(page: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a page of a list holds. Raises OutcomeUnknown."""
    found = page.get("items")
    if page.get("type") != "list" or not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise OutcomeUnknown("the acquirer's answer is not its own")
    yield from found


def fiscal_id(receipts: Mapping[str, Any]) -> str:
    """The number of the first fiscal receipt in a list, the cash register's where there is one. Raises OutcomeUnknown."""
    for receipt in items(receipts):
        return str(receipt.get("fiscal_document_number") or receipt.get("id") or "")[:64]
    return ""


def an_id(given: object) -> str:
    """The id as it is. Raises ValueError for what could not be one: it becomes part of addresses."""
    if not isinstance(given, str) or not _ID.match(given):
        raise ValueError("not an id")
    return given


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)


def _kopecks(told: Mapping[str, Any]) -> int:
    kopecks = money.parse(told["value"])
    if kopecks < 0:
        raise ValueError("a sum below nothing")
    return kopecks


def _reason(told: Mapping[str, Any]) -> str:
    return str((told.get("cancellation_details") or {}).get("reason") or "")[:60]
