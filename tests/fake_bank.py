"""A bank in memory that speaks the acquirer's protocol: faults are its methods, and it keeps what it was asked."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from mygas import clock
from mygas.acquiring import Asked, Declined, Forged, Heard, NotThere, OutcomeUnknown, RefundAsked, Told, ToldRefund
from mygas.extensions import db

Answer = TypeVar("Answer")
SECRET = "of the bank"


@dataclass
class FakeAcquirer:
    """Payments wait until `pay` or `cancel` says what the payer did. What a fault does stands in its name.

    Asked while a transaction is open it fails the test: the portal must not hold one while it waits for a network.
    """

    name: str = "fake"
    pages: tuple[str, ...] = ("https://bank.example",)
    payments: dict[str, Told] = field(default_factory=dict)
    refunds: dict[str, ToldRefund] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    questions: int = 0
    fiscal: bool = True
    slow_refunds: bool = False
    hidden: set[str] = field(default_factory=set)
    foreign: list[Told] = field(default_factory=list)
    _keys: dict[str, str] = field(default_factory=dict)
    _faults: list[tuple[str, Exception, bool]] = field(default_factory=list)

    # what may go wrong

    def be_deaf(self, times: int = 1, method: str = "") -> None:
        """The next calls (of that method) are not heard, and nothing is done."""
        self._faults += [(method, OutcomeUnknown("no answer"), False)] * times

    def lose_answers(self, times: int = 1, method: str = "") -> None:
        """The next calls are done, and the answer is lost: a time-out, a 500, nonsense."""
        self._faults += [(method, OutcomeUnknown("500 after the work"), True)] * times

    def break_down(self, times: int = 1, method: str = "", *, after: bool = False) -> None:
        """An error nobody foresaw, before or after the work."""
        self._faults += [(method, RuntimeError("unforeseen"), after)] * times

    def decline(self, reason: str = "invalid_request", method: str = "") -> None:
        """The next call is refused for good."""
        self._faults.append((method, Declined(reason), False))

    def recover(self) -> None:
        self._faults.clear()

    # what the payer and the bank do

    def pay(self, payment_id: str, **told: Any) -> None:
        """The payer paid: late, too. `told` are other words of the bank, a wrong sum say."""
        fiscal: dict[str, Any] = {"fiscal": "pending"} if self.fiscal else {}
        told = {"paid_at": clock.now()} | told
        self._change(payment_id, **({"state": "succeeded", "reason": ""} | fiscal | told))

    def cancel(self, payment_id: str, reason: str = "canceled_by_merchant") -> None:
        self._change(payment_id, state="canceled", reason=reason)

    def expire(self, payment_id: str) -> None:
        self.cancel(payment_id, "expired_on_confirmation")

    def give_back(self, payment_id: str, kopecks: int) -> None:
        """Somebody gives money back at the bank's own desk, past the portal."""
        self._give_back(payment_id, kopecks)

    def print_receipt(self, payment_id: str) -> None:
        self._change(payment_id, fiscal="done", fiscal_id=f"fd-{payment_id}")

    def settle_refund(self, refund_id: str, state: str = "succeeded", reason: str = "") -> None:
        """A refund that was pending ends."""
        told = self.refunds[refund_id]
        if state == "succeeded" and told.state != "succeeded":
            self._give_back(told.payment_id, told.amount_kop)
        self.refunds[refund_id] = replace(told, state=state, reason=reason)  # type: ignore[arg-type]

    def notify(self, payment_id: str, event: str = "") -> tuple[bytes, dict[str, str]]:
        """A genuine notification of how the payment stands: its body and headers."""
        told = self.payments[payment_id]
        body = {"event": event or f"payment.{told.state}", "payment": payment_id}
        return json.dumps(body).encode(), {"X-Secret": SECRET}

    def forge(self, payment_id: str) -> tuple[bytes, dict[str, str]]:
        """What somebody else would send."""
        return json.dumps({"event": "payment.succeeded", "payment": payment_id}).encode(), {"X-Secret": "guessed"}

    def of_key(self, key: str) -> Told | None:
        """The payment begun under the key, as the bank knows it."""
        payment_id = self._keys.get(key)
        return self.payments[payment_id] if payment_id else None

    # the protocol

    def begin(self, asked: Asked) -> Told:
        return self._answer("begin", lambda: self._begin(asked))

    def ask(self, payment_id: str) -> Told:
        return self._answer("ask", lambda: self._ask(payment_id))

    def refund(self, asked: RefundAsked) -> ToldRefund:
        return self._answer("refund", lambda: self._refund(asked))

    def ask_refund(self, refund_id: str) -> ToldRefund:
        return self._answer("ask_refund", lambda: self.refunds[refund_id])

    def register(self, since: datetime, until: datetime) -> Iterator[Told]:
        """Without those `hidden`, of which it does not know when asked either, with the `foreign` ones."""
        every = [told for told in self.payments.values() if told.id not in self.hidden] + self.foreign
        chosen = [told for told in every if told.created_at and since <= told.created_at < until]
        yield from self._answer("register", lambda: chosen)

    def hear(self, body: bytes, ip: str, headers: Mapping[str, str]) -> Heard:
        if headers.get("X-Secret") != SECRET:
            raise Forged("the secret is wrong")
        try:
            told = json.loads(body)
            return Heard(f"{told['event']}:{told['payment']}", told["payment"], told["event"])
        except (ValueError, KeyError) as error:
            raise Forged("unreadable") from error

    def _begin(self, asked: Asked) -> Told:
        self.asked.append(asked)
        if asked.key not in self._keys:
            payment_id = f"p{len(self._keys) + 1:06}-{hashlib.sha256(asked.key.encode()).hexdigest()[:8]}"
            self._keys[asked.key] = payment_id
            page = f"{self.pages[0]}/{payment_id}"
            self.payments[payment_id] = Told(
                payment_id, asked.key, "pending", asked.amount_kop, "RUB", page, created_at=clock.now()
            )
        return self.payments[self._keys[asked.key]]

    def _ask(self, payment_id: str) -> Told:
        if payment_id in self.hidden:
            raise NotThere("not found")
        return self.payments[payment_id]

    def _refund(self, asked: RefundAsked) -> ToldRefund:
        if asked.key not in self._keys:
            payment = self.payments[asked.payment_id]
            if payment.refunded_kop + asked.amount_kop > payment.amount_kop:
                raise Declined("invalid_request:amount")
            refund_id = f"r{len(self.refunds) + 1:06}"
            self._keys[asked.key] = refund_id
            self.refunds[refund_id] = ToldRefund(refund_id, asked.payment_id, "pending", asked.amount_kop)
            if not self.slow_refunds:
                self.settle_refund(refund_id)
        return self.refunds[self._keys[asked.key]]

    def _give_back(self, payment_id: str, kopecks: int) -> None:
        self._change(payment_id, refunded_kop=self.payments[payment_id].refunded_kop + kopecks)

    def _change(self, payment_id: str, **told: Any) -> None:
        self.payments[payment_id] = replace(self.payments[payment_id], **told)

    def _answer(self, method: str, work: Callable[[], Answer]) -> Answer:
        assert not db.session().in_transaction(), f"a transaction is open while the bank is asked to {method}"
        self.questions += 1
        fault = next((one for one in self._faults if one[0] in ("", method)), None)
        if fault is None:
            return work()
        self._faults.remove(fault)
        _, error, after = fault
        if after:
            work()
        raise error
