"""What the training bank keeps of a payment and of a refund, and how it changes: pure functions over plain dictionaries.

`shown` is what the API tells; beside it stands what only the bank knows: `stage` (choose, code, waiting, over), `return_url`,
`form` (the token of its forms), `digits` (the last four of the card), `does` (what that card does), `code` and `tries`,
`refunds` (id → kopecks), `later` ([moment in milliseconds, state, reason]: what will happen by itself).
"""

import secrets
from datetime import UTC, datetime
from typing import Any

from mygas.pretend_bank.drawers import Thing, new_id, now_ms

LIFE = 3600 * 1000  # milliseconds for which a payment waits for its payer, as the page of a card does
SLOW, LATE = 60 * 1000, 120 * 1000  # milliseconds; what the cards of these names promise
FISCAL = 3000  # milliseconds until the cash register has made its receipt


def opened(body: Thing, kopecks: int, address: str) -> Thing:
    """A new payment that waits for its payer on a page under `address`."""
    born = new_id()
    shown: Thing = {
        "id": born,
        "status": "pending",
        "amount": rubles(kopecks),
        "description": body["description"],
        "recipient": {"account_id": "pretend", "gateway_id": "pretend"},
        "created_at": moment(now_ms()),
        "confirmation": {"type": "redirect", "confirmation_url": f"{address}/pay/{born}"},
        "test": True,
        "paid": False,
        "refundable": False,
        "refunded_amount": rubles(0),
        "metadata": body["metadata"],
    }
    return {
        "shown": shown,
        "stage": "choose",
        "return_url": body["confirmation"]["return_url"],
        "fiscal": "receipt" in body,
        "form": secrets.token_urlsafe(12),
        "later": [now_ms() + LIFE, "canceled", "expired_on_confirmation"],
        "refunds": {},
    }


def end(payment: Thing, state: str, reason: str = "", later: list[Any] | None = None) -> None:
    """The payment is decided, for the time being at least: `later` may hold what its card has in store."""
    shown = payment["shown"]
    payment["stage"], payment["later"] = "over", later
    shown["status"] = state
    shown.pop("confirmation", None)
    shown.pop("cancellation_details", None)
    if state == "canceled":
        shown["cancellation_details"] = {"party": "payment_network", "reason": reason}
        return
    shown["paid"] = shown["refundable"] = True
    shown["captured_at"] = moment(now_ms())
    payment["paid_at"] = now_ms()
    if payment["fiscal"]:
        shown["receipt_registration"] = "pending"


def told(payment: Thing) -> Thing:
    """What the API tells of the payment now: what has been given back, and how far the cash register is."""
    shown = {**payment["shown"], "refunded_amount": rubles(sum(payment["refunds"].values()))}
    if shown.get("receipt_registration") == "pending" and payment["paid_at"] <= now_ms() - FISCAL:
        shown["receipt_registration"] = "succeeded"
    return shown


def fiscal_receipt(payment: Thing) -> Thing | None:
    """The fiscal receipt of a payment, once it is made. Its number is made of the payment's id."""
    shown = told(payment)
    if shown.get("receipt_registration") != "succeeded":
        return None
    number = str(int(shown["id"].replace("-", "")[-8:], 16) % 10**6)
    return {
        "id": f"rt-{shown['id']}",
        "type": "payment",
        "payment_id": shown["id"],
        "status": "succeeded",
        "fiscal_document_number": number,
    }


def refunded(payment: Thing, body: Thing, kopecks: int) -> Thing:
    """A refund of the payment: done, under way (slow card), or refused by the payer's bank (a card that keeps)."""
    state = {"keeps": "canceled", "slow": "pending"}.get(payment.get("does", ""), "succeeded")
    shown: Thing = {
        "id": new_id(),
        "payment_id": body["payment_id"],
        "status": state,
        "amount": rubles(kopecks),
        "created_at": moment(now_ms()),
        "description": body["description"],
    }
    if state == "canceled":
        shown["cancellation_details"] = {"party": "payment_network", "reason": "general_decline"}
    return {"shown": shown, "later": [now_ms() + SLOW, "succeeded", ""] if state == "pending" else None}


def is_due(thing: Thing) -> bool:
    """Whether something should have happened to it by now."""
    return bool(thing["later"]) and bool(thing["later"][0] <= now_ms())


def rubles(kopecks: int) -> Thing:
    """As the API writes a sum."""
    return {"value": f"{kopecks // 100}.{kopecks % 100:02d}", "currency": "RUB"}


def moment(milliseconds: int) -> str:
    """As the API writes a time."""
    at = datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
