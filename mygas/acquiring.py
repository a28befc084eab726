"""What the portal asks of a bank that takes payments by card (the acquirer), and what the bank tells: plain data, one protocol.

The domain knows an acquirer by this page alone; gateways implement it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

TheirState = Literal["pending", "succeeded", "canceled"]
Fiscal = Literal["", "pending", "done", "failed"]


class OutcomeUnknown(Exception):
    """No answer, an answer of 5xx or nonsense: it may or may not have been done. Repeat with the same key, or ask.

    The text holds neither secrets nor data of the payer.
    """


class NotThere(OutcomeUnknown):
    """The acquirer says that he knows no such payment. That it was never begun does not follow: he may be behind himself."""


class Declined(Exception):
    """A definite no: nothing was done, and the same request will never be. `reason` is the acquirer's own code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Forged(Exception):
    """A notification that does not come from the acquirer, or that cannot be read."""


@dataclass(frozen=True)
class Item:
    """A line of the fiscal receipt (54-ФЗ). Kopecks."""

    name: str
    sum_kop: int


@dataclass(frozen=True)
class Payee:
    """Whom the money goes to, as a payment order names him (YooKassa's `payment_order`: required for utilities)."""

    name: str
    inn: str
    kpp: str
    bank_name: str
    bic: str
    account: str
    corr_account: str


@dataclass(frozen=True)
class Asked:
    """A payment to be begun. `key` (at most 64 letters) is the same at every technical repeat of the same order.

    `amount_kop` is all that the payer pays, the commission included; the items add up to it. `buyer` is the phone
    (+79123456789) or e-mail for the fiscal receipt; `period` is year * 100 + month of the payment order.
    """

    key: str
    amount_kop: int
    description: str
    return_url: str
    buyer: str
    items: tuple[Item, ...]
    payee: Payee
    account_number: str
    period: int


@dataclass(frozen=True)
class Told:
    """What the acquirer says of a payment. `key` is ours, from the metadata that travel with it; `page` is where the payer goes.

    `reason` says why it was canceled, in the acquirer's code; `fiscal` how the fiscal receipt stands, `fiscal_id` its id;
    `paid_at` when the money was taken.
    """

    id: str
    key: str
    state: TheirState
    amount_kop: int
    currency: str
    page: str = ""
    reason: str = ""
    fiscal: Fiscal = ""
    fiscal_id: str = ""
    refunded_kop: int = 0
    created_at: datetime | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True)
class RefundAsked:
    """Money to be given back. `key` as in Asked, `payment_id` is the acquirer's id of the payment."""

    key: str
    payment_id: str
    amount_kop: int
    buyer: str
    items: tuple[Item, ...]
    description: str


@dataclass(frozen=True)
class ToldRefund:
    """What the acquirer says of a refund."""

    id: str
    payment_id: str
    state: TheirState
    amount_kop: int
    reason: str = ""


@dataclass(frozen=True)
class Heard:
    """A notification: only a hint to ask. `source_id` names it, the same when the acquirer repeats it."""

    source_id: str
    payment_id: str
    event: str


class Acquirer(Protocol):
    """A bank. Every method asks the network within a time limit, so it is never called while a transaction is open.

    `name` stands in orders; `pages` are the origins (`https://host`) of the pages a payer is sent to.
    """

    name: str
    pages: tuple[str, ...]

    def begin(self, asked: Asked) -> Told:
        """Begin a payment, or answer as before when the key was used. Raises Declined, OutcomeUnknown."""

    def ask(self, payment_id: str) -> Told:
        """How a payment stands. Raises OutcomeUnknown, NotThere."""

    def refund(self, asked: RefundAsked) -> ToldRefund:
        """Give money back, once per key. Raises Declined, OutcomeUnknown."""

    def ask_refund(self, refund_id: str) -> ToldRefund:
        """How a refund stands. Raises OutcomeUnknown."""

    def register(self, since: datetime, until: datetime) -> Iterator[Told]:
        """All payments begun from `since` on and before `until`. Raises OutcomeUnknown."""

    def hear(self, body: bytes, ip: str, headers: Mapping[str, str]) -> Heard:
        """Read a notification. Raises Forged."""
