"""What the training bank does: payments begin, are paid or refused, now or later, and are given back."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from mygas.pretend_bank import asked, records
from mygas.pretend_bank.drawers import Drawers, Thing, new_id, now_ms
from mygas.pretend_bank.faults import Faults, happens

_TRIES = 3  # of a confirmation code


@dataclass(frozen=True)
class Bank:
    """`address` is where the payer finds its pages. Things are as `records` describes them."""

    drawers: Drawers
    address: str
    faults: Faults = field(default_factory=Faults)

    def begin(self, key: str, body: Thing) -> Thing:
        """A new payment as the API shows it; the same answer for the same key and body within 24 hours. Raises asked.Wrong."""
        kopecks = asked.payment(body)
        with self.drawers.locked():
            payment = self._once(key, body, lambda: records.opened(body, kopecks, self.address))
            if self.drawers.read("payments", payment["shown"]["id"]) is None:
                self._look_later("payments", payment)
                self._keep("payments", payment)
        shown: Thing = payment["shown"]
        return shown

    def find(self, payment_id: str) -> Thing | None:
        """A payment to which all has happened that is due; None for one that never began."""
        payment = self.drawers.read("payments", payment_id)
        if payment and records.is_due(payment):
            with self._held(payment_id) as payment:
                return payment
        return payment

    def register(self, since: datetime, until: datetime, first: str = "") -> Iterator[Thing]:
        """Payments begun from `since` on and before `until`, oldest first, as the API shows them; from the id `first` on."""
        for payment_id in self.drawers.since("payments", since, until):
            payment = self.find(payment_id) if payment_id >= first else None
            if payment and since <= datetime.fromisoformat(payment["shown"]["created_at"]) < until:
                yield records.told(payment)

    def pay(self, payment_id: str, does: str, digits: str) -> None:
        """The payer gave a card that does this and ends in these digits; a payment that waits for none stays as it is."""
        with self._held(payment_id) as payment:
            if payment is None or payment["stage"] != "choose":
                return
            payment["digits"], payment["does"] = digits, does
            if does == "code":
                payment["stage"], payment["code"], payment["tries"] = "code", f"{secrets.randbelow(10**6):06d}", 0
                self._keep("payments", payment)
            elif does == "slow":
                payment["stage"], payment["later"] = "waiting", [now_ms() + records.SLOW, "succeeded", ""]
                self._look_later("payments", payment)
                self._keep("payments", payment)
            elif does == "late":
                self._end(payment, "canceled", "issuer_unavailable", later=[now_ms() + records.LATE, "succeeded", ""])
            elif does == "funds":
                self._end(payment, "canceled", "insufficient_funds")
            else:
                self._end(payment, "succeeded")

    def confirm(self, payment_id: str, code: str) -> bool:
        """Whether the code is right; the third wrong one ends the payment."""
        with self._held(payment_id) as payment:
            if payment is None or payment["stage"] != "code":
                return True
            if secrets.compare_digest(code.encode(), payment["code"].encode()):
                self._end(payment, "succeeded")
                return True
            payment["tries"] += 1
            if payment["tries"] >= _TRIES:
                self._end(payment, "canceled", "3d_secure_failed")
            else:
                self._keep("payments", payment)
            return False

    def refuse(self, payment_id: str) -> None:
        """The payer thinks better of it."""
        with self._held(payment_id) as payment:
            if payment and payment["stage"] in ("choose", "code"):
                self._end(payment, "canceled", "expired_on_confirmation")

    def refund(self, key: str, body: Thing) -> Thing:
        """Give back; the same answer for the same key and body within 24 hours. Raises asked.Wrong."""
        kopecks = asked.refund(body)
        with self._held(body["payment_id"]) as payment:
            if payment is None or payment["shown"]["status"] != "succeeded":
                raise asked.Wrong("payment_id", "nothing to give back")
            refund = self._once(key, body, lambda: self._give_back(payment, body, kopecks))
            shown: Thing = refund["shown"]
            if self.drawers.read("refunds", shown["id"]) is None:
                if shown["status"] != "canceled":
                    payment["refunds"][shown["id"]] = kopecks
                    self._keep("payments", payment)
                self._look_later("refunds", refund)
                self._keep("refunds", refund)
                if shown["status"] == "succeeded":
                    self._notify("refund.succeeded", shown)
        return shown

    def find_refund(self, refund_id: str) -> Thing | None:
        """A refund to which all has happened that is due; None for one that never was."""
        refund = self.drawers.read("refunds", refund_id)
        if refund and records.is_due(refund):
            with self.drawers.locked():
                refund = self.drawers.read("refunds", refund_id)
                if refund and records.is_due(refund):
                    refund["later"], refund["shown"]["status"] = None, "succeeded"
                    self._keep("refunds", refund)
                    self._notify("refund.succeeded", refund["shown"])
        return refund

    def _give_back(self, payment: Thing, body: Thing, kopecks: int) -> Thing:
        paid = asked.sum_of(payment["shown"]["amount"], "amount")
        if kopecks > paid - sum(payment["refunds"].values()):
            raise asked.Wrong("amount", "more than is left")
        return records.refunded(payment, body, kopecks)

    def _once(self, key: str, body: Thing, make: Callable[[], Thing]) -> Thing:
        """What the key made, now or before. It is noted first: a kill after that leaves something for the next try to keep."""
        text = json.dumps(body, sort_keys=True)
        same, known = self.drawers.answer(key, text)
        if not same:
            raise asked.Wrong("Idempotence-Key", "the key was used with other data")
        if known is None:
            known = make()
            self.drawers.remember(key, text, known)
        return known

    @contextmanager
    def _held(self, payment_id: str) -> Iterator[Thing | None]:
        """The payment, which nobody else changes meanwhile, with all that is due done to it."""
        with self.drawers.locked():
            payment = self.drawers.read("payments", payment_id)
            if payment and records.is_due(payment):
                _, state, reason = payment["later"]
                self._end(payment, state, reason)
            yield payment

    def _end(self, payment: Thing, state: str, reason: str = "", later: list[object] | None = None) -> None:
        records.end(payment, state, reason, later)
        self._look_later("payments", payment)
        self._keep("payments", payment)
        self._notify(f"payment.{state}", records.told(payment))

    def _keep(self, kind: str, thing: Thing) -> None:
        self.drawers.write(kind, thing["shown"]["id"], thing)

    def _look_later(self, kind: str, thing: Thing) -> None:
        """What will happen by itself is told of when it does, though nobody asks."""
        if thing["later"]:
            self.drawers.promise(thing["later"][0], {"do": "look", "kind": kind, "id": thing["shown"]["id"]})

    def _notify(self, event: str, shown: Thing) -> None:
        """Promise the portal its notification, as faithfully as the faults allow, and a forged one beside it."""
        for delay in self.faults.copies():
            self.drawers.promise(now_ms() + delay, {"do": "tell", "event": event, "object": shown, "since": now_ms()})
        if happens(self.faults.forged):
            lie = {
                **shown,
                "status": "succeeded",
                "amount": records.rubles(100_000_000),
                **secrets.choice(({}, {"id": new_id()})),
            }
            self.drawers.promise(now_ms(), {"do": "tell", "event": "payment.succeeded", "object": lie, "once": True})
