"""What the training bank demands of a request, as YooKassa does: pure functions that name the first wrong parameter."""

import re
from typing import Any
from urllib.parse import urlsplit

from mygas import money


class Wrong(Exception):
    """A request that is refused for good. `parameter` names what is wrong with it."""

    def __init__(self, parameter: str, why: str = "invalid value") -> None:
        super().__init__(f"{parameter}: {why}")
        self.parameter, self.why = parameter, why


def payment(body: dict[str, Any]) -> int:
    """The sum of a payment to be begun, in kopecks. Raises Wrong."""
    kopecks = sum_of(body.get("amount"), "amount")
    _demand(body.get("capture") is True, "capture")
    _text(body, "description", 128)
    _demand(len(str(_dict(body, "metadata").get("order", ""))) in range(1, 65), "metadata")
    confirmation = _dict(body, "confirmation")
    back = urlsplit(str(confirmation.get("return_url", "")))
    _demand(confirmation.get("type") == "redirect" and back.scheme in ("http", "https") and bool(back.netloc), "confirmation")
    _payment_order(_dict(body, "payment_order"), kopecks)
    _receipt(body, kopecks)
    return kopecks


def refund(body: dict[str, Any]) -> int:
    """The sum to be given back, in kopecks. Raises Wrong."""
    kopecks = sum_of(body.get("amount"), "amount")
    _demand(isinstance(body.get("payment_id"), str), "payment_id")
    _text(body, "description", 250)
    _receipt(body, kopecks)
    return kopecks


def sum_of(amount: object, parameter: str) -> int:
    """Kopecks of `{"value": "1234.56", "currency": "RUB"}`. Raises Wrong."""
    value = amount.get("value") if isinstance(amount, dict) and amount.get("currency") == "RUB" else None
    _demand(isinstance(value, str) and bool(re.match(r"[0-9]{1,8}\.[0-9]{2}\Z", value)), parameter)
    kopecks = money.parse(str(value))
    _demand(kopecks > 0, parameter)
    return kopecks


def _payment_order(order: dict[str, Any], kopecks: int) -> None:
    """The shop is one for utilities: no payment without a payment order."""
    _demand(order.get("type") == "utilities", "payment_order.type")
    _demand(sum_of(order.get("amount"), "payment_order.amount") == kopecks, "payment_order.amount")
    _text(order, "payment_purpose", 210)
    _text(order, "account_number", 30)
    period = _dict(order, "payment_period")
    _demand(period.get("month") in range(1, 13) and period.get("year") in range(1920, 2051), "payment_period")
    recipient = _dict(order, "recipient")
    _text(recipient, "name", 160)
    bank = _dict(recipient, "bank")
    _text(bank, "name", 45)
    for holder, name, digits in ((recipient, "inn", 10), (recipient, "kpp", 9), (bank, "bic", 9), (bank, "account", 20),
                                 (bank, "correspondent_account", 20)):  # fmt: skip
        _demand(bool(re.match(f"[0-9]{{{digits}}}\\Z", str(holder.get(name, "")))), name)


def _receipt(body: dict[str, Any], kopecks: int) -> None:
    """None is an answer too: such a shop makes its receipts itself."""
    if "receipt" not in body:
        return
    receipt = _dict(body, "receipt")
    customer = _dict(receipt, "customer")
    _demand(bool(customer.get("email") or re.match(r"[0-9]{11,15}\Z", str(customer.get("phone", "")))), "receipt.customer")
    items = receipt.get("items")
    _demand(isinstance(items, list) and len(items) in range(1, 101), "receipt.items")
    for item in items or []:
        _text(item, "description", 128)
        _demand(item.get("vat_code") in range(1, 13), "receipt.items.vat_code")
        _demand(item.get("payment_mode") == "full_payment" and item.get("payment_subject") == "service", "receipt.items")
    _demand(sum(sum_of(item.get("amount"), "receipt.items.amount") for item in items or []) == kopecks, "receipt.items.amount")


def _text(holder: dict[str, Any], name: str, most: int) -> None:
    given = holder.get(name)
    _demand(isinstance(given, str) and 1 <= len(given) <= most, name)


def _dict(holder: dict[str, Any], name: str) -> dict[str, Any]:
    given = holder.get(name)
    _demand(isinstance(given, dict), name)
    return given or {}


def _demand(right: bool, parameter: str) -> None:
    if not right:
        raise Wrong(parameter)
